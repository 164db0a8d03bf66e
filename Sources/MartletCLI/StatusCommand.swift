import ArgumentParser
import MartletModel
import MartletRecords

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "How each family of tasks stands, by its newest reports.")

    @OptionGroup var place: StateOption

    func run() throws {
        let (directory, records) = try place.catalogue()
        for line in StatusCommand.lines(records, directory: directory) { Terminal.say(line) }
    }

    /// A table of families in the order in which they first ran, then what failed and where its log is.
    static func lines(_ records: ReportCatalogue, directory: String) -> [String] {
        var families: [String] = []
        var newest: [String: [CatalogueEntry]] = [:]
        for entry in records.newest {
            if newest[entry.report.family] == nil { families.append(entry.report.family) }
            newest[entry.report.family, default: []].append(entry)
        }
        var table = Table(["family", "tasks", "done", "failed", "CPU", "newest"], numbers: [1, 2, 3, 4])
        for family in families {
            let executions = newest[family, default: []].map(\.report.execution)
            let done = executions.count { $0.outcome == .done }
            table.add([
                family, String(executions.count), String(done), String(executions.count - done),
                Duration.text(executions.reduce(0) { $0 + ($1.cpu ?? 0) }),
                UTC.readable(executions.map(\.start).max() ?? 0),
            ])
        }
        return ["Reports in \(directory), times in UTC", ""] + table.lines + failures(records)
    }

    private static func failures(_ records: ReportCatalogue) -> [String] {
        let failed = records.newest.map(\.report).filter { $0.execution.outcome == .failed }
        if failed.isEmpty { return [] }
        return ["", "Failed at the last try:"]
            + failed.flatMap { ["  \($0.title): \($0.execution.cause)", "    martlet logs \($0.task)"] }
    }
}
