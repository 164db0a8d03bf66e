import MartletModel

/// Which records are of use: the decision of `Compaction`.
struct KeptRecords {
    struct Origin: Hashable {
        var segment: String
        var number: UInt64
    }

    /// nil when all executions are kept.
    private var executions: Set<Origin>?
    /// Tasks without a turn whose last word that is: their moments.
    private var unrun: [String: Int64] = [:]

    /// - Parameter keep: see `Compaction.Rules`.
    init(_ records: ReportCatalogue, _ keep: Int?) throws(Diagnostic) {
        for task in try records.allUnrun() {
            guard let last = try records.unrun(task.task) else { continue }
            let newest = try records.newest(of: task.task)
            if last.moment > newest?.moment ?? .min { unrun[task.task] = task.at }
        }
        if let keep { executions = try KeptRecords.executions(records, max(1, keep)) }
    }

    private static func executions(_ records: ReportCatalogue, _ keep: Int) throws(Diagnostic) -> Set<Origin> {
        let all = try records.executions()
        var kept: [ExecutionGlance] = []
        for (_, executions) in Dictionary(grouping: all, by: \.task) {
            let sorted = executions.sorted { ($0.moment, $0.segment, $0.number) < ($1.moment, $1.segment, $1.number) }
            kept += sorted.suffix(keep)
            if let success = sorted.last(where: { $0.outcome == .done }) { kept.append(success) }
        }
        var byName: [String: ExecutionGlance] = [:]
        for glance in all { byName[glance.name.text] = glance }
        var origins: Set<Origin> = []
        // what a kept one consumed is kept, and what that consumed
        while let glance = kept.popLast() {
            guard origins.insert(Origin(segment: glance.segment, number: glance.number)).inserted else { continue }
            for name in try records.record(of: glance)["used"]?.array ?? [] {
                if let consumed = name.string.flatMap({ byName[$0] }) { kept.append(consumed) }
            }
        }
        return origins
    }

    func keeps(_ json: JSON, _ segment: String, _ number: UInt64) -> Bool {
        if let task = json["unrun"]?.string { return unrun[task] != nil && unrun[task] == json["at"]?.integer }
        guard json["task"] != nil, let executions else { return true }
        return executions.contains(Origin(segment: segment, number: number))
    }
}
