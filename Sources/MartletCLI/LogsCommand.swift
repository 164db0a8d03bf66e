import ArgumentParser
import MartletAssembly
import MartletModel
import MartletPorts
import MartletRecords
import MartletSystem

struct LogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "What a task printed when it last ran, and what its job prints now.")

    @Argument(help: "The task's id, the beginning of one, or its title: 'Selection(dataset=ttJets)'.")
    var task: String
    @Option(name: .long, help: "Of a job that is at work: so many bytes of the end.") var bytes = 20_000
    @Flag(name: .shortAndLong, help: "Of a job: show what comes, until it is collected.") var follow = false
    @OptionGroup var place: StateOption

    func run() throws {
        let directory = try StateDirectory.locate(option: place.state)
        let (report, job) = try LogsCommand.find(task, in: directory)
        if let report { try show(report, in: directory) }
        // where the job has reported the task already, its part of the job's log has been shown
        guard let job, report?.execution.log.map({ Path.join(directory, $0.file) }) != job.log else {
            if follow { Terminal.complain("martlet: no job is at work on it that could be followed") }
            return
        }
        let log = JobLog(job, word: JobSign(besides: job.log)?.words ?? "no word from it yet")
        Terminal.say("==> of the job that runs now: \(log.key.text), \(log.word): \(log.path)")
        let (end, offset) = try log.end(most: max(1, bytes))
        Terminal.write(end[...])
        if follow { try JobLogFollower(log: log, state: directory, task: report?.task).follow(from: offset) }
    }

    /// The newest report of a task, and the open job that runs it; one of them at least.
    /// - Throws: `.unknownTask`, `.noRecords`, `.ambiguousTask`.
    static func find(_ name: String, in directory: String) throws(Diagnostic) -> (report: Report?, job: OpenJobs.Job?) {
        let records = try Assembly.records(of: directory)
        for damage in records.damage { Terminal.complain(damage) }
        let open = try OpenJobs(of: directory, asks: false)
        do throws(Diagnostic) {
            let report = try records.report(of: records.find(name))
            return (report, open.jobs.last { $0.tasks.contains(report.task) })
        } catch {
            guard error.code == .unknownTask || error.code == .noRecords else { throw error }
            var tasks = Set(open.jobs.flatMap(\.tasks).filter { $0.hasPrefix(name) })
            if tasks.isEmpty { tasks = open.tasks(titled: name) }
            if tasks.count > 1 {
                let some = tasks.sorted().prefix(3).joined(separator: ", ")
                throw Diagnostic(.ambiguousTask, subject: name, cause: tasks.count > 3 ? "\(some) and \(tasks.count - 3) more" : some)
            }
            guard let task = tasks.first, let job = open.jobs.last(where: { $0.tasks.contains(task) }) else { throw error }
            return (nil, job)
        }
    }

    private func show(_ report: Report, in directory: String) throws {
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
