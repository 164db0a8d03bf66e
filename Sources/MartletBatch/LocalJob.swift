import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// The files of one local job, an element of a submission, in a directory called by its index:
///
/// * `process`: `<pid> <start time> <host> <boot id>` of the wrapper that holds the job; whoever makes it first has it;
/// * `status`: the exit status, or `cancelled`; made by a rename, so it is whole.
struct LocalJob {
    let directory: String

    /// One boot of one machine: what a pid and a start time are good for.
    struct Machine: Equatable, Sendable {
        let host: String
        let boot: String

        static func here() throws(SystemError) -> Machine { Machine(host: Host.name(), boot: try Host.bootID()) }
    }

    enum Holder: Equatable {
        case nobody
        case running(pid: Int32)
        /// The wrapper has ended or its machine was booted since.
        case gone
        /// On another machine, which cannot be asked from here.
        case elsewhere
    }

    /// Holds the job, runs its command (`$3` and on) and keeps the exit status. `$1` is the directory, `$2` the host
    /// and boot. Field 22 of /proc/<pid>/stat, the start time, is the 20th behind the command's name.
    static let wrapper = """
        start() { shift 19; echo "$1"; }
        IFS= read -r stat < "/proc/$$/stat" || exit 1
        (set -C; echo "$$ $(start ${stat##*) }) $2" > "$1/process") 2> /dev/null || exit 1
        job=$1
        shift 2
        "$@"
        status=$?
        echo "$status" > "$job/.status" && mv "$job/.status" "$job/status"
        """

    /// - Returns: the wrapper's pid. It is this process's child, to be awaited by `Process.reap`.
    func start(_ array: JobArray, _ index: Int, on machine: Machine) throws(SystemError) -> Int32 {
        try Directory.make(directory)
        let command =
            ["/bin/sh", "-c", LocalJob.wrapper, "sh", directory, "\(machine.host) \(machine.boot)"] + array.command
            + ["\(index)"]
        let start = ProgramStart(
            command, directory: array.directory, output: try File.openAppending(array.log(of: index)), ownSession: true)
        return try Process.start(start).pid
    }

    /// How it ended; nil when it has not, as far as its files say.
    func ending() throws(SystemError) -> JobEnd? {
        guard let text = try firstLine("status") else { return nil }
        if text == "cancelled" { return .cancelled }
        guard let status = Int32(text) else { return .unknown(text) }
        if status == 0 { return .succeeded }
        // how a shell reports a signal
        return status > 128 && status < 193 ? .signalled(status - 128) : .exited(status)
    }

    func holder(on here: Machine) throws(SystemError) -> Holder {
        guard let text = try firstLine("process") else { return .nobody }
        let fields = text.split(separator: " ")
        if fields.first == "cancelled" { return .gone }
        // made, and not written yet: a moment's matter, or a full disk, which ends the wrapper
        guard fields.count == 4, let pid = Int32(fields[0]), let start = UInt64(fields[1]) else { return .nobody }
        if fields[2] != here.host { return .elsewhere }
        guard fields[3] == here.boot, try Host.startTime(of: pid) == start else { return .gone }
        return .running(pid: pid)
    }

    func cancel(on machine: Machine) throws(SystemError) {
        guard try ending() == nil else { return }
        try Directory.make(directory)
        if try claim() { return try end("cancelled") }
        switch try holder(on: machine) {
        case .running(let pid):
            Signals.send(SIGKILL, toGroup: pid)
            if try ending() == nil { try end("cancelled") }
        case .gone, .nobody: if try ending() == nil { try end("cancelled") }
        case .elsewhere: throw SystemError(EREMOTE, "kill", directory)
        }
    }

    /// Takes the job so that no wrapper can. False when somebody has it.
    private func claim() throws(SystemError) -> Bool {
        do throws(SystemError) {
            try File.writeAll(File.openNew("\(directory)/process"), Array("cancelled\n".utf8))
            return true
        } catch {
            if error.code == EEXIST { return false }
            throw error
        }
    }

    private func end(_ how: String) throws(SystemError) {
        try File.replace("\(directory)/status", with: Array("\(how)\n".utf8))
    }

    /// nil when there is no such file.
    private func content(_ name: String) throws(SystemError) -> [UInt8]? {
        do throws(SystemError) {
            return try File.read("\(directory)/\(name)")
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    private func firstLine(_ name: String) throws(SystemError) -> String? {
        guard let bytes = try content(name) else { return nil }
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }
}
