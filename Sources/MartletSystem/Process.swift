import CSystem
import Glibc

/// How a program ended.
public struct ProgramEnd: Equatable, Sendable {
    /// Exit status 0-255; nil when a signal ended it.
    public var status: Int32?
    /// The signal that ended it, or nil.
    public var signal: Int32?
    /// Seconds of user and system time, of its own awaited children too.
    public var cpu: Double
    /// Peak resident memory in kB of the largest process among them.
    public var peakMemory: Int64

    public var isSuccess: Bool { status == 0 }

    /// "exit status 3" or "SIGKILL".
    public var text: String {
        if let signal { return Signals.name(signal) }
        return "exit status \(status ?? -1)"
    }
}

/// A child program that leads its own process group, unless it is a companion. Standard input is /dev/null; signals have their default actions
/// and none is blocked; no descriptor of ours but its output is open in it.
///
/// Not safe for use by two threads at once. Dropping the object neither ends nor awaits the program.
public final class Process {
    public let pid: Int32
    /// Readable when the program has ended. nil on kernels without pidfd_open (before 5.3): ask `end()` there.
    public let pidfd: Descriptor?
    private var ended: ProgramEnd?

    private init(pid: Int32) {
        self.pid = pid
        let fd = csystem_pidfd_open(pid)
        pidfd = fd >= 0 ? Descriptor(fd) : nil
    }

    /// - Throws: the call that was refused ("exec" where the program is missing or cannot be run), with the program as its
    ///   path, or the directory where that is the trouble.
    public static func start(_ start: ProgramStart) throws(SystemError) -> Process {
        var search = ProgramSearch()
        return try Process.start(start, search: &search)
    }

    /// - Parameter search: remembers where programs were found.
    public static func start(_ start: ProgramStart, search: inout ProgramSearch) throws(SystemError) -> Process {
        guard let name = start.command.first else { throw SystemError(EINVAL, "exec") }
        let path = start.path
        do {
            return try launch(start, program: try search.find(name, path: path))
        } catch where error.operation == "exec" && error.code == ENOENT && search.forget(name, path: path) {
            // it has moved since it was found
            return try launch(start, program: try search.find(name, path: path))
        } catch where error.operation == "exec" && error.code == ENOEXEC {
            // a script that does not say what runs it: a shell does, as execvp has it
            var script = start
            script.command = ["/bin/sh", try search.find(name, path: path)] + start.command.dropFirst()
            return try launch(script, program: "/bin/sh")
        }
    }

    private static func launch(_ start: ProgramStart, program: String) throws(SystemError) -> Process {
        var request = csystem_launch()
        request.input = start.input?.raw ?? -1
        request.output = start.output?.raw ?? -1
        request.errors = start.errors?.raw ?? -1
        request.third = start.third?.raw ?? -1
        request.own_session = start.ownSession ? 1 : 0
        request.companion = start.isCompanion ? 1 : 0
        request.death_signal = start.deathSignal ?? 0
        request.note = start.note
        let pid = withCStrings(start.command) { arguments in
            start.withEnvironment { variables in
                program.withCString { file in
                    request.program = file
                    request.arguments = arguments
                    request.environment = variables
                    guard let directory = start.directory else { return csystem_launch_program(&request) }
                    return directory.withCString { place in
                        request.directory = place
                        return csystem_launch_program(&request)
                    }
                }
            }
        }
        guard pid < 0 else { return Process(pid: pid) }
        let failed = String(cString: request.failed)
        let path = failed == "chdir" ? start.directory ?? "" : start.command[0]
        throw SystemError(request.error, failed, path)
    }

    /// How it ended; nil while it runs. Never waits.
    public func end() throws(SystemError) -> ProgramEnd? { try collect(WNOHANG) }

    /// Waits until it has ended.
    public func wait() throws(SystemError) -> ProgramEnd {
        while true { if let end = try collect(0) { return end } }
    }

    /// Sends a signal to its whole group, also after the program itself has ended. False when nobody is left in it.
    @discardableResult
    public func signalGroup(_ signal: Int32) -> Bool { Signals.send(signal, toGroup: pid) }

    /// Awaits a child by its pid, without waiting for it, and drops how it ended.
    /// - Parameter pid: a child of this process that was started by `start` and not awaited since.
    /// - Returns: true when it has ended and is now no more.
    public static func reap(_ pid: Int32) -> Bool {
        var status: Int32 = 0
        let got = waitpid(pid, &status, WNOHANG)
        // ECHILD: somebody else has awaited it
        return got == pid || (got < 0 && errno == ECHILD)
    }

    /// Whether it has ended; it is not reaped yet, so that its number, and its group's, cannot mean anybody else.
    public func hasEnded() -> Bool {
        if ended != nil { return true }
        var info = siginfo_t()
        let code = waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT)
        // an error: nobody is there to wait for, and `end()` says why
        return code != 0 || info._sifields._kill.si_pid != 0
    }

    private func collect(_ options: Int32) throws(SystemError) -> ProgramEnd? {
        if let ended { return ended }
        var status: Int32 = 0
        var usage = rusage()
        var got: pid_t
        repeat { got = wait4(pid, &status, options, &usage) } while got < 0 && errno == EINTR
        if got < 0 { throw .last("wait4", "\(pid)") }
        if got == 0 { return nil }
        // <sys/wait.h>: the low seven bits are the signal, the next byte the exit status
        let signal = status & 0x7F
        let end = ProgramEnd(
            status: signal == 0 ? status >> 8 & 0xFF : nil, signal: signal == 0 ? nil : signal,
            cpu: usage.ru_utime.seconds + usage.ru_stime.seconds, peakMemory: Int64(usage.ru_maxrss))
        ended = end
        return end
    }
}

/// C strings with the null pointer that ends them, for as long as `body` runs.
func withCStrings<R>(_ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
    var pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
}
