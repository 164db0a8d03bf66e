import ArgumentParser
import MartletAssembly
import MartletModel
import MartletPorts
import MartletRuntime
import MartletSystem

struct JobsResubmitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resubmit", abstract: "Cancel open jobs, and give their tasks others.",
        discussion: "The old job leaves its batch system first, or nothing is submitted; what it has done stays. The new ones ask "
            + "for what it did, but for what --job says. The next run goes on with them. Tasks at which a run is at work are "
            + "that run's: cancel their jobs, and it tries them again.")

    @Argument(help: "Jobs or tasks.") var names: [String] = []
    @Flag(
        name: .long,
        help: "Jobs that have ended without doing all tasks, are held, or are lost; of all, or of those that are named.")
    var failed = false
    @Option(name: .long, help: ArgumentHelp("What the new jobs ask for, as of martlet run: memory=8GB.", valueName: "name=value"))
    var job: [String] = []
    @Flag(name: [.customShort("n"), .long], help: "Tell what would be; cancel and submit nothing.") var dryRun = false
    @Flag(name: .long, help: "Print JSON.") var json = false
    @OptionGroup var place: StateOption

    func validate() throws {
        if names.isEmpty && !failed { throw ValidationError("name jobs or tasks, or give --failed") }
        _ = try changes()
    }

    private func changes() throws -> JobOptions {
        var options = JobOptions()
        for text in job {
            do throws(JobOptionFlag.Misread) {
                try JobOptionFlag.take(text, into: &options)
            } catch {
                throw ValidationError("--job \(text): \(JobsResubmitCommand.words(error))")
            }
        }
        return options
    }

    private static func words(_ misread: JobOptionFlag.Misread) -> String {
        switch misread {
        case .notNamed: "give one of \(JobOptionFlag.names.joined(separator: ", ")) and a value, as in memory=4GB"
        case .unknown(let name): "there is no \"\(name)\", but \(JobOptionFlag.names.joined(separator: ", "))"
        case .malformed(_, let expected): "give \(expected)"
        case .severalQueues: "give one queue"
        }
    }

    func run() throws {
        let open = try JobsCommand.open(place)
        let named = try JobsCommand.chosen(names, of: open), chosen = failed ? open.stranded(named) : named
        var wish = JobResubmission.Wish()
        (wish.onlyFailed, wish.isTrial, wish.changes) = (failed, dryRun, try changes())
        let state = Directory.absolute(try StateDirectory.locate(option: place.state))
        let resubmission = Assembly.resubmission(in: state, wish)
        let fates = try resubmission.run(chosen.map(\.key))
        for note in resubmission.notes { Terminal.complain("martlet: \(note)") }
        // what has done its part is no news to who asks for the others
        let told = failed ? fates.filter { $0.fate != .complete } : fates
        if json {
            Terminal.say(.array(told.map(JobsResubmitCommand.json)))
        } else {
            Terminal.say(lines: JobsResubmitCommand.lines(told, isTrial: dryRun))
        }
        if told.contains(where: \.isTrouble) { throw ExitCode(CommandExit.failed.rawValue) }
    }

    // MARK: words

    static func lines(_ fates: [ResubmittedJob], isTrial: Bool) -> [String] {
        var lines: [String] = [], count = 0
        for one in fates {
            switch one.fate {
            case .submitted, .wanted, .uncertain: count += 1
            default: break
            }
            lines.append("\(one.key.text)\(tasks(of: one)): \(words(one.fate))")
            if case .refused(_, let hint) = one.fate { lines.append("hint: \(hint)") }
        }
        let jobs = count == 1 ? "1 job" : "\(count) jobs"
        return lines + ["\(jobs) \(isTrial ? "would be" : count == 1 ? "is" : "are") submitted again"]
    }

    private static func tasks(of one: ResubmittedJob) -> String {
        guard let first = one.tasks.first else { return "" }
        return one.tasks.count == 1 ? " (\(first))" : " (\(first) and \(one.tasks.count - 1) more)"
    }

    private static func words(_ fate: ResubmittedJob.Fate) -> String {
        switch fate {
        case .submitted(let jobs): jobs.isEmpty ? "another job of these has its tasks" : "submitted again as \(jobs.joined(separator: ", "))"
        case .wanted(let options): "would be submitted again, asking for \(options.json.text)"
        case .uncertain(let jobs, let why):
            "submitted again as \(jobs.joined(separator: ", ")), and it is not known whether that was accepted (\(why)): the next run finds out"
        case .complete: "it has done its part: the next run collects it"
        case .refused(let why, _): "not submitted again: \(why)"
        case .unsubmitted(let why): "it is gone, and no other could be submitted (\(why)): the next run does that"
        }
    }

    static func json(_ one: ResubmittedJob) -> JSON {
        var fate = "", jobs: [String] = [], why: String?, options: JSON?
        switch one.fate {
        case .submitted(let names): (fate, jobs) = ("submitted", names)
        case .wanted(let asked): (fate, options) = ("wanted", asked.json)
        case .uncertain(let names, let cause): (fate, jobs, why) = ("uncertain", names, cause)
        case .complete: fate = "complete"
        case .refused(let cause, _): (fate, why) = ("refused", cause)
        case .unsubmitted(let cause): (fate, why) = ("unsubmitted", cause)
        }
        return [
            "tag": .string(one.key.tag), "index": JSON(one.key.index), "tasks": .array(one.tasks.map { .string($0) }),
            "fate": .string(fate), "jobs": .array(jobs.map { .string($0) }), "why": JSON(why), "options": options ?? .null,
        ]
    }
}
