import ArgumentParser
import MartletModel
import MartletRecords
import MartletSystem

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "What a task printed when it last ran.")

    @Argument(help: "The task's id, the beginning of one, or its title: 'Selection(dataset=ttJets)'.")
    var task: String
    @OptionGroup var place: StateOption

    func run() throws {
        let (directory, records) = try place.catalogue()
        let report = try records.report(of: records.find(task))
        guard let log = report.execution.log else {
            Terminal.complain("martlet: \(report.title) ran in the driver and printed nothing; in a notebook, or a thread, what it prints is kept with isolation = \"fork\" in its class, or --workers 2")
            return
        }
        Terminal.write(try LogsCommand.bytes(log, directory: directory)[...])
    }

    /// - Throws: `fileUnreadable`, also when the file has become shorter than the record says.
    static func bytes(_ log: Execution.LogSpan, directory: String) throws(Diagnostic) -> [UInt8] {
        let path = Path.join(directory, log.file)
        let bytes: [UInt8]
        do {
            bytes = try File.read(path, offset: UInt64(clamping: log.offset), count: Int(clamping: log.length))
        } catch {
            throw Diagnostic(.fileUnreadable, subject: path, cause: error.text)
        }
        guard bytes.count == Int(clamping: log.length) else {
            throw Diagnostic(.fileUnreadable, subject: path, cause: "it has been shortened since the task ran")
        }
        return bytes
    }
}
