import MartletPorts

/// ClassAd expressions that choose jobs of ours.
enum CondorConstraint {
    /// All jobs of these tags; of many tags, all that have one.
    static func tags(_ asked: [AskedSubmission]) -> String {
        guard !asked.isEmpty, asked.count <= 200 else { return "\(CondorAd.tag) =!= undefined" }
        return "member(\(CondorAd.tag), {" + asked.map { "\"\($0.tag)\"" }.joined(separator: ", ") + "})"
    }

    /// These elements of these tags, and no others.
    static func elements(_ asked: [AskedSubmission]) -> String {
        asked.map { "(\(CondorAd.tag) == \"\($0.tag)\" && (\(ranges($0.elements))))" }.joined(separator: " || ")
    }

    /// Jobs by id that carry a tag at all: an id that is used again is not taken for one of ours.
    static func jobs(_ ids: some Sequence<JobID>) -> String {
        var clusters: [Int: [Int]] = [:]
        for id in ids {
            let parts = id.raw.split(separator: ".").compactMap { Int($0) }
            if parts.count == 2 { clusters[parts[0], default: []].append(parts[1]) }
        }
        let each = clusters.keys.sorted().map { "(ClusterId == \($0) && (\(ranges(clusters[$0]!.sorted()))))" }
        return "\(CondorAd.tag) =!= undefined && (\(each.isEmpty ? "false" : each.joined(separator: " || ")))"
    }

    /// Ascending numbers as the ranges that they form.
    private static func ranges(_ numbers: [Int]) -> String {
        var ranges: [(first: Int, last: Int)] = []
        for number in numbers {
            if let last = ranges.last?.last, number <= last + 1 {
                ranges[ranges.count - 1].last = number
            } else {
                ranges.append((number, number))
            }
        }
        let each = ranges.map { $0.first == $0.last ? "ProcId == \($0.first)" : "ProcId >= \($0.first) && ProcId <= \($0.last)" }
        return each.isEmpty ? "false" : each.joined(separator: " || ")
    }
}
