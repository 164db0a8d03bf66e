import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// One command of a batch system, running. What it prints is kept in memory, up to a limit.
///
/// Not safe for use by two threads at once.
final class CommandRun {
    /// Bytes of output that are kept. A command that prints more is killed: what it says is not to be trusted.
    static let mostOutput: Int64 = 512 << 20
    /// Bytes of errors that are read.
    static let mostErrors = 16 << 10

    /// Readable when it has ended.
    var descriptor: Int32? { process.pidfd?.raw }

    private let process: Process
    private let output: Descriptor
    private let errors: Descriptor
    /// When it is killed, by the monotonic clock.
    private let deadline: UInt64
    private var isLate = false
    private var isCut = false

    /// - Parameter note: where its pid is written for whoever guards its group.
    /// - Throws: why it could not be started.
    init(_ command: BatchCommand, note: UnsafeMutablePointer<CChar>?, now: UInt64) throws(SystemError) {
        for file in command.files { try File.replace(file.path, with: Array(file.content.utf8)) }
        output = try File.inMemory("martlet-batch-output")
        errors = try File.inMemory("martlet-batch-errors")
        var start = ProgramStart(command.words, directory: command.directory, output: output)
        start.errors = errors
        if !command.input.isEmpty {
            let input = try File.inMemory("martlet-batch-input")
            try File.writeAll(input, Array(command.input.utf8))
            lseek(input.raw, 0, SEEK_SET)
            start.input = input
        }
        start.deathSignal = SIGKILL
        start.note = note
        process = try Process.start(start)
        deadline = now &+ UInt64(command.limit * 1e9)
    }

    /// nil while it runs. Once it has ended its whole group is gone.
    func result(now: UInt64) -> BatchCommandResult? {
        do throws(SystemError) {
            if !process.hasEnded() {
                if now >= deadline {
                    isLate = true
                } else if try File.length(output) > CommandRun.mostOutput {
                    isCut = true
                } else {
                    return nil
                }
            }
            process.signalGroup(SIGKILL)
            let end = try process.wait()
            return BatchCommandResult(
                words(end), output: String(decoding: try File.tail(output, most: Int(CommandRun.mostOutput)), as: UTF8.self),
                errors: String(decoding: try File.tail(errors, most: CommandRun.mostErrors), as: UTF8.self), isCut: isCut)
        } catch {
            return BatchCommandResult(.signalled(error.description), isCut: true)
        }
    }

    private func words(_ end: ProgramEnd) -> BatchCommandResult.End {
        if isLate { return .timedOut }
        if let signal = end.signal { return .signalled(Signals.name(signal)) }
        return .exited(end.status ?? -1)
    }

    func kill() {
        process.signalGroup(SIGKILL)
        do throws(SystemError) { _ = try process.wait() } catch { return }  // somebody else has awaited it
    }
}
