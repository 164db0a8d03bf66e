import ArgumentParser
import MartletAssembly
import MartletModel
import MartletRecords
import MartletSystem

struct JobsLogsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "What jobs have printed so far.",
        discussion: "Those that are open, those that were collected, by tag and number, and of tasks without an open job what "
            + "they printed when they last ran.")

    @Argument(help: "Jobs or tasks.") var names: [String]
    @Option(name: .long, help: "So many bytes of the end of each.") var bytes = 20_000
    @Flag(name: .shortAndLong, help: "Show what comes, until the job is collected; of one job.") var follow = false
    @OptionGroup var place: StateOption

    func run() throws {
        let state = try StateDirectory.locate(option: place.state)
        let open = try JobsCommand.open(place)
        var shown: [JobLog] = []
        for name in names {
            let found = JobsLogsCommand.logs(of: name, open, in: state).filter { one in !shown.contains { $0.path == one.path } }
            if found.isEmpty && !shown.contains(where: { $0.key.text == name || $0.key.tag == name }) {
                try showReported(name, in: state)
            }
            for log in found { try show(log, of: open, follows: follow && names.count == 1 && found.count == 1, in: state) }
            shown += found
        }
        if follow && shown.count != 1 { Terminal.complain("martlet: --follow takes one open job") }
    }

    /// Of open jobs with this name, else of collected ones.
    static func logs(of name: String, _ open: OpenJobs, in state: String) -> [JobLog] {
        let jobs = open.jobs.filter { JobsCommand.isCalled($0, name) }.map { JobLog($0, word: $0.word) }
        let others = JobLog.collected(name, in: state).filter { one in !jobs.contains { $0.key == one.key } }
        return jobs + others
    }

    private func show(_ log: JobLog, of open: OpenJobs, follows: Bool, in state: String) throws {
        let (texts, missing) = open.show(open.jobs.filter { $0.key == log.key })
        if let why = missing[log.key] { Terminal.complain("martlet: what \(log.key.text) has printed cannot be had: \(why)") }
        let (end, offset) = try texts[log.key].map { ([UInt8]($0.utf8), UInt64($0.utf8.count)) } ?? log.end(most: max(1, bytes))
        Terminal.say(log.heading)
        Terminal.write(end.suffix(max(1, bytes)))
        if follows { try JobLogFollower(log: log, state: state).follow(from: offset) }
    }

    /// Of a task that has no open job.
    private func showReported(_ name: String, in state: String) throws {
        let records = try Assembly.records(of: state)
        do throws(Diagnostic) {
            let report = try records.report(of: records.find(name))
            guard let log = report.execution.log else {
                return Terminal.complain("martlet: no open job runs \(report.title), and when it last ran it left no log")
            }
            Terminal.say("==> \(report.title), when it last ran: \(Path.join(state, log.file))")
            Terminal.write(try LogsCommand.bytes(log, directory: state).suffix(max(1, bytes)))
        } catch {
            guard error.code == .unknownTask || error.code == .noRecords else { throw error }
            throw Diagnostic(.unknownTask, subject: name, cause: "no job has this name, no open one runs such a task, and none has run")
        }
    }
}
