import ArgumentParser
import MartletModel
import MartletRecords

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "How each family of tasks stands, by its newest reports.")

    @Option(name: .long, help: "Only tasks whose id, family or title fits this shell pattern, e.g. 'Selection*'.")
    var pattern = "*"
    @Option(name: .long, help: "A tree of families: what each needs below it, to this depth.")
    var depth: Int?
    @Flag(name: .long, help: "Print JSON.")
    var json = false
    @OptionGroup var place: StateOption

    /// `martlet status SCRIPT …` compares with what the script says now, or with `--depth` or `--pattern` shows its tasks,
    /// and so is a command line of `run`; nil for any other.
    static func ofScript(_ arguments: [String]) -> [String]? {
        guard arguments.first == "status", arguments.dropFirst().contains(where: { $0.hasSuffix(".py") }) else { return nil }
        let words = arguments.dropFirst()
        let options = words.map { $0.split(separator: "=", maxSplits: 1).first.map(String.init) ?? "" }
        if options.contains("--depth") {
            // a tree of its tasks as they stand, to a depth
            return ["run"]
                + words.map { word in
                    let isDepth = word == "--depth" || word.hasPrefix("--depth=")
                    return isDepth ? "--print-status" + word.dropFirst("--depth".count) : word
                }
        }
        return ["run"] + words + [options.contains("--pattern") ? "--print-status=-1" : "--status"]
    }

    func validate() throws {
        if let depth, depth < 0 { throw ValidationError("--depth is a number of levels, 0 or more") }
    }

    func run() throws {
        let (directory, records) = try place.catalogue()
        let status = try AreaStatus(records, fitting: pattern)
        let tree = try depth.map { try FamilyTree(records, status, depth: $0) }
        if json { return Terminal.say(tree.map { status.json(tree: $0) } ?? status.json) }
        Terminal.say(lines: StatusCommand.lines(status, tree, directory: directory))
    }

    /// A table of families in the order in which they first ran, or by what needs them, then what failed and where its log
    /// is.
    static func lines(_ status: AreaStatus, _ tree: FamilyTree? = nil, directory: String) -> [String] {
        let rows = tree?.rows ?? status.families.map { FamilyTree.Row($0) }
        // seldom of any: a column only where there is something to tell
        let tellsOfRemoved = rows.contains { $0.family.removed > 0 }
        let counts = ["tasks", "done", "failed"] + (tellsOfRemoved ? ["removed"] : [])
        var table = Table(["family"] + counts + ["CPU", "outputs", "newest"], numbers: Set(1...counts.count + 2))
        for row in rows {
            let family = row.family
            let name = String(repeating: "  ", count: row.depth) + family.name
            if row.isRepeated {
                table.add([name] + counts.map { _ in "" } + ["", "", "see above"])
                continue
            }
            let numbers = [family.tasks, family.done, family.failed] + (tellsOfRemoved ? [family.removed] : [])
            table.add(
                [name] + numbers.map { String($0) }
                    + [Duration.text(family.cpu), Size.text(family.bytes), UTC.readable(family.newest)])
        }
        return ["Reports in \(directory), times in UTC", ""] + table.lines + failures(status)
    }

    /// Of many the first: `--json` tells all.
    private static let mostFailures = 20

    private static func failures(_ status: AreaStatus) -> [String] {
        if status.failures.isEmpty { return [] }
        let shown = status.failures.prefix(mostFailures)
        let rest = status.failures.count - shown.count
        return ["", "Failed at the last try:"]
            + shown.flatMap { ["  \($0.execution.title): \($0.cause)", "    martlet logs \($0.execution.task)"] }
            + (rest > 0 ? ["  and \(rest) more: martlet reports list --failed"] : [])
    }
}
