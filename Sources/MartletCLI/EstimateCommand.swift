import ArgumentParser
import MartletModel
import MartletRecords

struct EstimateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "estimate", abstract: "Time, processor time and disk of tasks, from past reports of their families.",
        usage: """
            martlet estimate FAMILY[=COUNT] … [--workers N] [--json] [--state DIR]
            martlet estimate SCRIPT TASK [--parameter VALUE …] [--workers N] [--json]
            """,
        discussion: "A family alone means as many tasks as are recorded of it; a script and a task, what would run of it.")

    /// `martlet estimate SCRIPT TASK …` is a command line of `run`; nil for any other.
    static func ofScript(_ arguments: [String]) -> [String]? {
        guard arguments.first == "estimate", arguments.dropFirst().contains(where: { $0.hasSuffix(".py") }) else { return nil }
        return ["run"] + arguments.dropFirst() + ["--estimate"]
    }

    @Argument(help: ArgumentHelp("A family and how many of its tasks would run.", valueName: "FAMILY[=COUNT]"))
    var families: [String]
    @Option(name: .long, help: "Tasks at a time.")
    var workers = 1
    @Flag(name: .long, help: "Print JSON.")
    var json = false
    @OptionGroup var place: StateOption

    func run() throws {
        let records = try place.catalogue().records
        let known = try AreaStatus(records, causes: false).families
        let counts = try families.map { text in try EstimateCommand.count(text, known) }
        let estimate = try Estimate(records, counts, workers: workers)
        if json { return Terminal.say(estimate.json) }
        Terminal.say(lines: EstimateCommand.lines(estimate))
    }

    private static func count(_ text: String, _ known: [AreaStatus.Family]) throws -> (family: String, tasks: Int) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard let tasks = Int(parts[1]), tasks >= 0, !parts[0].isEmpty else {
                throw ValidationError("\(text): FAMILY=COUNT was expected, with a whole number")
            }
            return (String(parts[0]), tasks)
        }
        guard let family = known.first(where: { $0.name == text }) else {
            throw Diagnostic(.unknownTask, subject: text)
        }
        return (text, family.tasks)
    }

    static func lines(_ estimate: Estimate) -> [String] {
        var table = Table(
            ["family", "tasks", "from", "time each", "two thirds within", "CPU each", "output each"],
            numbers: [1, 2, 3, 5, 6])
        for family in estimate.families {
            table.add([
                family.name, String(family.tasks), String(family.samples),
                family.wall.map { Duration.text($0.median) } ?? "-",
                family.wall.map { "\(Duration.text($0.low)) to \(Duration.text($0.high))" } ?? "-",
                family.cpu.map { Duration.text($0.median) } ?? "-",
                family.bytes.map { Size.text(Int64($0.median)) } ?? "-",
            ])
        }
        var sums = Table(nil)
        func sum(_ name: String, _ amount: Estimate.Amount?, _ text: (Double) -> String) {
            if let amount { sums.add([name, "\(text(amount.expected)) ± \(text(amount.uncertainty))"]) }
        }
        sum("processor time", estimate.cpu, Duration.text)
        sum("disk", estimate.bytes) { Size.text(Int64(clamping: Int($0.rounded()))) }
        sum("time, \(estimate.workers) at a time", estimate.elapsed, Duration.text)
        let missing = estimate.unknown.map { "nothing is known of \($0.family): none of its tasks has ended well (\($0.tasks) would run)" }
        return (estimate.families.isEmpty ? [] : table.lines + [""] + sums.lines) + missing
    }
}
