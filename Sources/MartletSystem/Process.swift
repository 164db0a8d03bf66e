import CSystem
import Glibc

/// A program to start.
public struct ProgramStart: Sendable {
    /// The program, looked up in PATH when it has no slash, and its arguments.
    public var command: [String]
    /// Where it starts; nil: where this process is.
    public var directory: String?
    /// Every `NAME=value`; nil: as this process has it.
    public var environment: [String]?
    /// Its standard output and error; nil: /dev/null.
    public var output: Descriptor?
    /// Whether it leads a session of its own, away from the terminal, rather than only a process group of its own.
    public var ownSession: Bool

    public init(
        _ command: [String], directory: String? = nil, environment: [String]? = nil, output: Descriptor? = nil,
        ownSession: Bool = false
    ) {
        self.command = command
        self.directory = directory
        self.environment = environment
        self.output = output
        self.ownSession = ownSession
    }
}

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

/// A child program that leads its own process group. Standard input is /dev/null; signals have their default actions
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

    /// - Throws: the error of posix_spawn, with the program as its path, or the directory where that is missing.
    public static func start(_ start: ProgramStart) throws(SystemError) -> Process {
        guard let program = start.command.first else { throw SystemError(EINVAL, "posix_spawn") }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        configure(&attributes, ownSession: start.ownSession)

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let output = start.output {
            posix_spawn_file_actions_adddup2(&actions, output.raw, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        csystem_spawn_closefrom(&actions, 3)
        if let directory = start.directory { csystem_spawn_chdir(&actions, directory) }

        var pid: pid_t = 0
        let environment = start.environment ?? Environment.all()
        let code = withCStrings(start.command) { arguments in
            withCStrings(environment) { variables in
                posix_spawnp(&pid, program, &actions, &attributes, arguments, variables)
            }
        }
        if code != 0, let directory = start.directory, !Directory.isDirectory(directory) {
            throw SystemError(code, "chdir", directory)
        }
        guard code == 0 else { throw SystemError(code, "posix_spawn", program) }
        return Process(pid: pid)
    }

    private static func configure(_ attributes: inout posix_spawnattr_t, ownSession: Bool) {
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        // a session's leader leads a group of its own as well
        let group = ownSession ? csystem_spawn_setsid : Int16(POSIX_SPAWN_SETPGROUP)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | group)
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

    private static func withCStrings<R>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
    ) -> R {
        var pointers = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        return body(pointers)
    }
}
