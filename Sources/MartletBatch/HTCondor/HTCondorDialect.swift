import MartletModel
import MartletPorts

/// HTCondor, by its own commands: `condor_submit`, `condor_q`, `condor_history`, `condor_rm`.
///
/// A submission is one cluster, an element one process of it. Jobs carry their tag as an attribute of their own, so that
/// they are found whether or not `condor_submit` was seen to succeed; a job's id is `CLUSTER.PROCESS`.
public struct HTCondorDialect: BatchDialect {
    public static let name = "htcondor"
    public let habits = BatchHabits(pollInterval: 30, grace: 120, mostElements: 10_000)

    public init() {}

    public func submission(_ array: JobArray) -> [BatchCommand] {
        let path = "\(array.folder)/htcondor.submit"
        let file = BatchCommand.File(path: path, content: CondorSubmit(array).text)
        // a thousand jobs take a second; a schedd that is busy may be asked for longer
        return [BatchCommand(["condor_submit", "-terse", path], directory: array.folder, files: [file], limit: 300)]
    }

    public func accepted(_ array: JobArray, _ results: [BatchCommandResult]) -> [Acceptance] {
        func each(_ what: (Int) -> Acceptance) -> [Acceptance] { (0..<array.count).map(what) }
        guard let result = results.first else { return each { _ in .uncertain("condor_submit never ran") } }
        if result.isSuccess, let cluster = HTCondorDialect.cluster(result.output) {
            return each { .accepted(JobID("\(cluster).\($0)")) }
        }
        let why = HTCondorDialect.complaint(result) ?? result.words(of: "condor_submit")
        switch result.end {
        case .notStarted: return each { _ in .refused(why) }
        // who reads the description finds its faults before a job is made of it; what the schedd says against a job takes
        // the whole cluster back
        case .exited(let status) where status != 0 && result.errors.contains("ERROR") && !HTCondorDialect.isLostContact(result.errors):
            return each { _ in .refused(why) }
        default: return each { _ in .uncertain(why) }
        }
    }

    public func listing(_ asked: [AskedSubmission]) -> [BatchCommand] {
        if asked.isEmpty { return [] }
        return [BatchCommand(["condor_q", "-json", "-attributes", CondorAd.attributes, "-constraint", CondorConstraint.tags(asked)],
                      limit: 120)]
    }

    public func read(_ asked: [AskedSubmission], _ results: [BatchCommandResult]) -> BatchListing {
        CondorAd.listing(asked, results, of: "condor_q")
    }

    /// The history is read from its end: without a bound a question about a job that is not in it reads all of it.
    public func history(_ asked: [AskedSubmission]) -> [BatchCommand] {
        var words = ["condor_history", "-json", "-attributes", CondorAd.attributes]
        if let earliest = asked.map(\.submitted).min(), earliest > 0 {
            // an hour for clocks that differ; what ended before that cannot be ours
            words += ["-since", "EnteredCurrentStatus < \(earliest - 3600)"]
        }
        let exact = CondorConstraint.elements(asked)
        if exact.utf8.count < 30_000 {
            words += ["-limit", "\(asked.map(\.elements.count).reduce(0, +))", "-constraint", exact]
        } else {
            words += ["-constraint", CondorConstraint.tags(asked)]
        }
        return [BatchCommand(words, limit: 300)]
    }

    public func readHistory(_ asked: [AskedSubmission], _ results: [BatchCommandResult]) -> BatchListing {
        CondorAd.listing(asked, results, of: "condor_history")
    }

    public func cancellation(_ jobs: [JobID]) -> [BatchCommand] {
        stride(from: 0, to: jobs.count, by: 500).map { first in
            let part = jobs[first..<min(first + 500, jobs.count)]
            return BatchCommand(["condor_rm", "-constraint", CondorConstraint.jobs(part)], limit: 120)
        }
    }

    public func refusal(_ jobs: [JobID], _ results: [BatchCommandResult]) -> String? {
        for result in results where !result.isSuccess && !(result.output + result.errors).contains("all jobs matching constraint") {
            return HTCondorDialect.complaint(result) ?? result.words(of: "condor_rm")
        }
        return nil
    }

    /// "17.0 - 17.99": the cluster of one submission. nil for anything else.
    private static func cluster(_ output: String) -> Int? {
        let words = output.split(whereSeparator: \.isWhitespace)
        guard words.count == 3, words[1] == "-", let dot = words[0].firstIndex(of: ".") else { return nil }
        return Int(words[0][..<dot])
    }

    /// Whether the command could not reach, or has lost, the daemon that it speaks with.
    private static func isLostContact(_ errors: String) -> Bool {
        let words = ["connect", "address of", "commit", "SECMAN", "AUTHENTICATE", "timed out", "communicat", "queue manager"]
        return words.contains { errors.contains($0) }
    }

    /// The first line that says what is wrong, with the one after it where that goes on.
    static func complaint(_ result: BatchCommandResult) -> String? {
        let lines = result.errors.split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " || $0 == "\t" } }
        guard let first = lines.firstIndex(where: { $0.hasPrefix("ERROR") || $0.hasPrefix("-- Failed") }) else { return nil }
        let next = lines[first].hasSuffix(": ") && first + 1 < lines.count ? String(lines[first + 1].prefix(200)) : ""
        return lines[first] + next
    }
}
