import ArgumentParser
import MartletModel
import MartletRecords

struct ReportsDiff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What differs between two reports: parameters, code, environment, inputs, outputs.",
        discussion: "Of one task alone: its newest report and the one before.")

    @Argument(help: "A task (its newest report), or the name of a report.")
    var first: String
    @Argument(help: "Another.")
    var second: String?
    @Flag(name: .long, help: "Print JSON.")
    var json = false
    @OptionGroup var place: StateOption

    func run() throws {
        let records = try place.catalogue().records
        let (first, second) = try records.pair(first, second)
        let difference = try ReportDifference(first, second, records)
        if json { return Terminal.say(difference.json) }
        Terminal.say(lines: ReportsDiff.lines(difference))
    }

    static func lines(_ difference: ReportDifference) -> [String] {
        var table = Table(["", head(difference.first), head(difference.second)])
        for entry in difference.entries {
            table.add([entry.member, entry.first.map(Table.plain) ?? "-", entry.second.map(Table.plain) ?? "-"])
        }
        return difference.entries.isEmpty ? table.lines + ["no difference"] : table.lines
    }

    private static func head(_ glance: ExecutionGlance) -> String { "\(glance.name) \(UTC.readable(glance.start))" }
}
