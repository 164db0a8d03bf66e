import ArgumentParser
import MartletModel
import MartletRecords

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Why tasks ran, failed, never got their turn, or which run is at work on them.",
        discussion: "What would run, and why: martlet run SCRIPT TASK … --explain 'Selection*'.")

    @Argument(
        help: "Task ids, their beginnings, titles as 'Selection(dataset=ttJets)', families, or shell patterns of them.")
    var tasks: [String]
    @Flag(name: .long, help: "Print JSON.")
    var json = false
    @OptionGroup var place: StateOption

    func run() throws {
        let (state, records) = try place.catalogue()
        var stories: [TaskStory] = []
        for text in tasks { stories += try TaskStory.all(text, records, state: state) }
        if json {
            Terminal.say(.array(stories.map(\.json)))
        } else {
            for (i, story) in stories.enumerated() {
                if i > 0 { Terminal.say("") }
                for line in story.lines { Terminal.say(line) }
            }
        }
    }
}

extension TaskStory {
    /// What happened to the task and why, its title first.
    var lines: [String] {
        var lines = [title]
        if let held { lines.append("  \(held.words)") }
        if let unrun {
            let subject = behind.first?.title ?? ""
            let why = unrun.cause.isEmpty ? ReasonWording.whyItDidNot(unrun.reason.code, subject: subject) : unrun.cause
            lines.append("  \(unrun.state) on \(UTC.readable(unrun.at)) UTC: \(why ?? unrun.reason.code)")
            for (depth, step) in behind.enumerated() {
                let indent = String(repeating: "  ", count: depth + 2)
                lines.append("\(indent)\(step.title): \(step.state)\(step.cause.isEmpty ? "" : ": \(step.cause)")")
            }
        }
        if let last = executions.last { lines += newest(last.report, last.glance) }
        for input in renewed {
            lines.append("  stale: \(input.title) was made anew on \(UTC.readable(input.start)) UTC, report \(input.name)")
        }
        if executions.count > 1 {
            lines.append("  before that, \(executions.count - 1) \(executions.count == 2 ? "execution" : "executions"):")
            for entry in executions.dropLast().suffix(5).reversed() {
                let execution = entry.report.execution
                let cause = execution.cause.isEmpty ? "" : ": \(execution.cause)"
                lines.append("    \(UTC.readable(execution.start))  \(execution.outcome.rawValue)\(cause)")
            }
        }
        return lines
    }

    private func newest(_ report: Report, _ glance: ExecutionGlance) -> [String] {
        let execution = report.execution
        let took = Duration.text(execution.wall)
        let attempt = execution.attempt > 1 ? ", try \(execution.attempt)" : ""
        var lines = ["  \(execution.outcome.rawValue) on \(UTC.readable(execution.start)) UTC, in \(took)\(attempt)"]
        let who = glance.host.isEmpty ? "" : "run by \(glance.user) on \(glance.host); "
        lines.append("  \(who)report \(glance.name)")
        if let why = execution.reason.flatMap({ ReasonWording.whyItRan($0.code) }) { lines.append("  ran because \(why)") }
        if !execution.cause.isEmpty { lines.append("  failed: \(execution.cause)") }
        let others = (report.batch?.members.count ?? 1) - 1
        if others > 0 { lines.append("  ran as one with \(others) others") }
        if execution.log != nil { lines.append("  what it printed: martlet logs \(task)") }
        return lines
    }
}
