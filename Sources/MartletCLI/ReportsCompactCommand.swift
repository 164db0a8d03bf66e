import ArgumentParser
import MartletModel
import MartletRecords

struct ReportsCompact: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compact", abstract: "Merge old files of reports into one; runs may go on meanwhile.",
        discussion: "Every execution stays, under its name. Left alone is what a run may still write to, and what is "
            + "damaged.")

    @Option(name: .long, help: "Days since a file was last written.")
    var olderThan = 7.0
    @Option(
        name: .long,
        help: "Keep only so many executions of each task, its last success, and what others consumed.")
    var keep: Int?
    @Flag(name: [.long, .customShort("n")], help: "Say what would be merged; touch nothing.")
    var dryRun = false
    @Flag(name: .long, help: "Print JSON.")
    var json = false
    @OptionGroup var place: StateOption

    func validate() throws {
        if olderThan < 0 { throw ValidationError("--older-than is a number of days, 0 or more") }
        if let keep, keep < 1 { throw ValidationError("--keep is a number of executions, 1 or more") }
    }

    func run() throws {
        let directory = StateDirectory.reports(in: try StateDirectory.locate(option: place.state))
        let rules = Compaction.Rules(olderThan: olderThan * 86400, keep: keep)
        let compaction = try Compaction(directory, rules, trial: dryRun)
        if json { return Terminal.say(compaction.json) }
        Terminal.say(lines: ReportsCompact.lines(compaction, trial: dryRun))
    }

    static func lines(_ compaction: Compaction, trial: Bool) -> [String] {
        let alone = compaction.leftAlone.map { "left alone: \($0.file): \($0.why)" }
        if compaction.merged.isEmpty { return ["nothing to merge"] + alone }
        let what = "\(compaction.merged.count) files, \(Size.text(compaction.bytesBefore))"
        let result = "\(compaction.records) records, \(Size.text(compaction.bytesAfter))"
        let dropped = compaction.dropped > 0 ? "; \(compaction.dropped) records are told no more" : ""
        let line = trial
            ? "\(what) would become one: \(result)\(dropped)"
            : "\(what) became \(compaction.result ?? ""): \(result)\(dropped)"
        return [line] + alone
    }
}
