import ArgumentParser
import MartletModel
import MartletRecords

struct ReportsList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "One line for each task, by its newest execution.")

    @Argument(help: "Only tasks whose id, family or title fits this shell pattern, e.g. 'Selection*'.")
    var pattern: String = "*"
    @Flag(name: .long, help: "Only tasks that failed at their last execution.")
    var failed = false
    @Flag(name: .long, help: "Every execution, not only the newest of each task.")
    var all = false
    @Flag(name: .long, help: "Print JSON.")
    var json = false
    @OptionGroup var place: StateOption

    func run() throws {
        let records = try place.catalogue().records
        let chosen = try records.executions(fitting: pattern, failed: failed, all: all)
        if json { return Terminal.say(.array(chosen.map(\.json))) }
        let lines = ReportsList.lines(chosen)
        if lines.isEmpty { Terminal.complain("martlet: no report fits") }
        Terminal.say(lines: lines)
    }

    /// Empty when nothing fits.
    static func lines(_ chosen: [ExecutionGlance]) -> [String] {
        var table = Table(["start (UTC)", "outcome", "time", "report", "task", "id"], numbers: [2])
        for glance in chosen {
            table.add([
                UTC.readable(glance.start), glance.outcome.rawValue, Duration.text(glance.wall), glance.name.text,
                glance.title, glance.task,
            ])
        }
        return chosen.isEmpty ? [] : table.lines
    }
}
