import ArgumentParser
import MartletModel
import MartletRecords

struct ReportsShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Everything recorded about the newest execution of a task, or about one report.")

    @Argument(
        help: "The task's id, the beginning of one, its title: 'Selection(dataset=ttJets)', or the name of a report.")
    var task: String
    @Flag(name: .long, help: "Print JSON.")
    var json = false
    @OptionGroup var place: StateOption

    func run() throws {
        let records = try place.catalogue().records
        let glance = try records.find(task)
        if json { return Terminal.say(try records.details(of: glance)) }
        Terminal.say(lines: try ReportsShow.lines(records.entry(glance), records))
    }

    static func lines(_ entry: CatalogueEntry, _ records: ReportCatalogue) throws -> [String] {
        let report = entry.report
        let execution = report.execution
        var table = Table(nil)
        func row(_ name: String, _ value: String) { if !value.isEmpty { table.add([name, value]) } }

        row("task", report.title)
        row("id", report.task)
        row("report", entry.glance.name.text)
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
        if !entry.glance.host.isEmpty {
            row("run by", "\(entry.glance.user) on \(entry.glance.host), process \(entry.glance.pid)")
        }
        row("executions", String(try records.history(of: report.task).count))
        row("record", "\(entry.path), number \(entry.glance.number)")
        return table.lines
    }

    /// The other tasks of a batch; of many the first.
    private static func others(_ report: Report) -> String {
        let others = (report.batch?.members ?? []).map(\.task).filter { $0 != report.task }
        let rest = others.count > 5 ? " and \(others.count - 5) more" : ""
        return others.prefix(5).joined(separator: ", ") + rest
    }
}
