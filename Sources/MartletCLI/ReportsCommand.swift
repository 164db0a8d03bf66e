import ArgumentParser
import MartletModel
import MartletRecords

struct ReportsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reports", abstract: "What has been run, with which result.",
        subcommands: [ReportsList.self, ReportsShow.self], defaultSubcommand: ReportsList.self)
}

struct ReportsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "One line for each task, by its newest execution.")

    @Argument(help: "Only tasks whose id, family or title fits this shell pattern, e.g. 'Selection*'.")
    var pattern: String = "*"
    @Flag(name: .long, help: "Only tasks that failed at their last execution.")
    var failed = false
    @Flag(name: .long, help: "Every execution, not only the newest of each task.")
    var all = false
    @OptionGroup var place: StateOption

    func run() throws {
        let records = try place.catalogue().records
        let lines = ReportsList.lines(records, pattern: pattern, failed: failed, all: all)
        if lines.isEmpty { Terminal.complain("martlet: no report fits") }
        for line in lines { Terminal.say(line) }
    }

    /// Empty when nothing fits.
    static func lines(_ records: ReportCatalogue, pattern: String, failed: Bool, all: Bool) -> [String] {
        var chosen = records.matching(pattern)
        if all { chosen = chosen.flatMap { records.history(of: $0.report.task) } }
        if failed { chosen.removeAll { $0.report.execution.outcome != .failed } }
        var table = Table(["start (UTC)", "outcome", "time", "task", "id"], numbers: [2])
        for report in chosen.map(\.report) {
            let execution = report.execution
            table.add([
                UTC.readable(execution.start), execution.outcome.rawValue, Duration.text(execution.wall), report.title,
                report.task,
            ])
        }
        return chosen.isEmpty ? [] : table.lines
    }
}

struct ReportsShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Everything recorded about the newest execution of a task.")

    @Argument(help: "The task's id, the beginning of one, or its title: 'Selection(dataset=ttJets)'.")
    var task: String
    @OptionGroup var place: StateOption

    func run() throws {
        let records = try place.catalogue().records
        for line in ReportsShow.lines(try records.find(task), records) { Terminal.say(line) }
    }

    static func lines(_ entry: CatalogueEntry, _ records: ReportCatalogue) -> [String] {
        let report = entry.report
        let execution = report.execution
        var table = Table(nil)
        func row(_ name: String, _ value: String) { if !value.isEmpty { table.add([name, value]) } }

        row("task", report.title)
        row("id", report.task)
        row("outcome", execution.outcome.rawValue)
        row("cause", execution.cause)
        row("start", "\(UTC.readable(execution.start)) UTC")
        row("time", Duration.text(execution.wall))
        row("CPU", execution.cpu.map(Duration.text) ?? "")
        row("memory", execution.memory.map { "\(($0 + 512) / 1024) MB at most" } ?? "")
        row("why", execution.reason.map { $0.task.isEmpty ? $0.code : "\($0.code) \($0.task)" } ?? "")
        row("worker", execution.worker == 0 ? "the driver" : String(execution.worker))
        row("run as one with", others(report))
        row("attempt", execution.attempt == 1 ? "" : String(execution.attempt))
        row("log", execution.log?.file ?? "")
        for member in report.parameters.members ?? [] {
            row("parameter", "\(member.name) = \(Table.plain(member.value))")
        }
        for output in report.outputs { row("output", output.path + (output.size.map { ", \($0) bytes" } ?? "")) }
        for input in report.inputs { row("needs", input) }
        if let header = records.headers[entry.segment] {
            row("run by", "\(header.user) on \(header.host), process \(header.pid)")
        }
        row("executions", String(records.history(of: report.task).count))
        row("record", "\(entry.segment), number \(entry.number)")
        return table.lines
    }

    /// The other tasks of a batch; of many the first.
    private static func others(_ report: Report) -> String {
        let others = (report.batch?.members ?? []).map(\.task).filter { $0 != report.task }
        let rest = others.count > 5 ? " and \(others.count - 5) more" : ""
        return others.prefix(5).joined(separator: ", ") + rest
    }
}
