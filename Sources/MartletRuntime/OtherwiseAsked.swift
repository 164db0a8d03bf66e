import MartletModel
import MartletPorts

/// Jobs of earlier runs that ask for something else than this run's would.
struct OtherwiseAsked {
    private static let mostTags = 3

    /// What jobs ask for, and what this run would: the options that differ.
    private struct Difference: Hashable {
        var had: String
        var wanted: String
    }

    /// What submissions asked for, by tag; nil where that is not known.
    private var known: [String: JobOptions?] = [:]
    private var found: [Difference: Set<JobKey>] = [:]
    /// Pilots are many tasks' jobs: by tag, the differences that were found of them.
    private var ofPilots: [String: Set<Difference>] = [:]

    /// Looks at a job that this run goes on with.
    /// - Parameters:
    ///   - wish: what its own job for the same tasks would ask for.
    ///   - folder: of the submission.
    mutating func look(at place: EarlierJobs.Place, _ wish: WaitingTasks.Wish, in folder: String) {
        let entry = place.submission.entry
        if known[entry.tag] == nil { known[entry.tag] = .some(ArrayFile(in: folder)?.options) }
        guard case .some(.some(let had)) = known[entry.tag], !wish.isMet(by: had, strictly: false) else { return }
        var wanted = wish.options
        if !wish.queues.isEmpty { wanted.queue = wish.queues.contains(had.queue ?? "") ? had.queue : wish.queues.joined(separator: " ") }
        let differing = zip(had.asked, wanted.asked).filter { $0.0 != $0.1 }
        let difference = Difference(
            had: differing.map(\.0).joined(separator: ", "), wanted: differing.map(\.1).joined(separator: ", "))
        if entry.pilots != nil && !ofPilots[entry.tag, default: []].insert(difference).inserted { return }
        found[difference, default: []].formUnion(OtherwiseAsked.jobs(of: place))
    }

    private static func jobs(of place: EarlierJobs.Place) -> [JobKey] {
        let submission = place.submission, tag = submission.entry.tag
        guard let pilots = submission.entry.pilots else { return [JobKey(tag, place.element)] }
        return (0..<pilots).filter { !submission.endedPilots.contains($0) }.map { JobKey(tag, $0) }
    }

    /// A line for each difference, once.
    mutating func take() -> [String] {
        defer { found = [:] }
        return found.sorted { $0.key.had < $1.key.had }.map { difference, jobs in
            let tags = Set(jobs.map(\.tag)).sorted(), isOne = jobs.count == 1
            let more = tags.count > OtherwiseAsked.mostTags ? " …" : ""
            return "\(jobs.count) \(isOne ? "job" : "jobs") that an earlier run submitted \(isOne ? "asks" : "ask") for "
                + "\(difference.had), this run for \(difference.wanted): "
                + "`martlet jobs cancel \(tags.prefix(OtherwiseAsked.mostTags).joined(separator: " "))\(more)` has "
                + "\(isOne ? "it" : "them") submitted anew"
        }
    }
}

extension JobOptions {
    /// What is asked for, option by option, as `--job` has it.
    fileprivate var asked: [String] {
        func said(_ name: String, _ value: String?) -> String { value.map { "\(name)=\($0)" } ?? "\(name) as usual" }
        return [
            said("cores", cores.map(String.init)), said("memory", memory.map(JobOptions.size)),
            said("disk", disk.map(JobOptions.size)), said("walltime", walltime.map { "\(Int64(saturating: $0.rounded()))s" }),
            said("gpus", gpus.map(String.init)), said("queue", queue),
            said("extra", extra.isEmpty ? nil : extra.joined(separator: " ")),
        ]
    }

    private static func size(_ bytes: UInt64) -> String {
        for (unit, factor) in [("GB", 1_000_000_000), ("GiB", 1 << 30), ("MB", 1_000_000), ("MiB", 1 << 20)] as [(String, UInt64)]
        where bytes >= factor && bytes.isMultiple(of: factor) { return "\(bytes / factor)\(unit)" }
        return "\(bytes)B"
    }
}
