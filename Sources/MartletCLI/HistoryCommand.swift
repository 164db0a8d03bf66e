import ArgumentParser
import MartletModel
import MartletRecords

struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Every execution of a task: when, where, how it ended and why.",
        discussion: "Oldest first, in the order in which they ended; hosts whose clocks disagree are put right as far as "
            + "their records tell.")

    @Argument(
        help: "Task ids, their beginnings, titles as 'Selection(dataset=ttJets)', families, or shell patterns of them.")
    var tasks: [String]
    @Flag(name: .long, help: "Print JSON.")
    var json = false
    @OptionGroup var place: StateOption

    func run() throws {
        let records = try place.catalogue().records
        var histories: [TaskHistory] = []
        for text in tasks {
            for task in try records.tasks(text) { histories.append(try TaskHistory(task, records)) }
        }
        if json { return Terminal.say(.array(histories.map(\.json))) }
        for (i, history) in histories.enumerated() {
            if i > 0 { Terminal.say("") }
            Terminal.say(lines: HistoryCommand.lines(history))
        }
    }

    static func lines(_ history: TaskHistory) -> [String] {
        if history.executions.isEmpty { return [history.title, "  has not run"] }
        var table = Table(["start (UTC)", "outcome", "time", "CPU", "where", "report", "because"], numbers: [2, 3])
        for entry in history.executions {
            let execution = entry.report.execution
            let attempt = execution.attempt > 1 ? ", try \(execution.attempt)" : ""
            let why = execution.reason.flatMap { ReasonWording.whyItRan($0.code) } ?? ""
            table.add([
                UTC.readable(execution.start), execution.outcome.rawValue, Duration.text(execution.wall),
                execution.cpu.map(Duration.text) ?? "", "\(entry.glance.user)@\(entry.glance.host)",
                entry.glance.name.text, why + attempt,
            ])
            if !execution.cause.isEmpty { table.add(["  \(execution.cause)"], spanning: true) }
        }
        return [history.title] + table.lines.map { "  \($0)" }
    }
}
