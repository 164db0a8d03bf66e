import MartletModel

/// Families below those that need them, as recorded.
///
/// Which family needs which is taken from some executions of each: a family's tasks need the same
/// families, but for rare ones.
public struct FamilyTree: Sendable {
    /// From the families that no other needs, each followed by what it needs.
    public private(set) var rows: [Row] = []
    /// By family the families that it needs.
    public private(set) var needs: [String: [String]] = [:]

    public struct Row: Equatable, Sendable {
        public var family: AreaStatus.Family
        /// 0 for those that no other needs.
        public var depth: Int
        /// It stands above already, with what it needs.
        public var isRepeated: Bool

        public init(_ family: AreaStatus.Family, depth: Int = 0, isRepeated: Bool = false) {
            self.family = family
            self.depth = depth
            self.isRepeated = isRepeated
        }
    }

    /// Executions of a family that are looked at.
    private static let sample = 16

    /// - Parameter depth: levels below the families that no other needs.
    public init(_ records: ReportCatalogue, _ status: AreaStatus, depth: Int) throws(Diagnostic) {
        for (family, samples) in try FamilyTree.samples(records) {
            needs[family] = try FamilyTree.needs(of: samples, records)
        }
        let needed = Set(needs.flatMap { family, others in others.filter { $0 != family } })
        let roots = status.families.filter { !needed.contains($0.name) }
        let families = Dictionary(status.families.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        // families that need each other in a circle have no root: they come last
        var seen: Set<String> = [], reached: Set<String> = []
        for family in roots + status.families where !reached.contains(family.name) {
            reach(family.name, &reached)
            add(family, 0, depth, families, &seen)
        }
    }

    private mutating func add(
        _ family: AreaStatus.Family, _ level: Int, _ depth: Int, _ families: [String: AreaStatus.Family],
        _ seen: inout Set<String>
    ) {
        let isNew = seen.insert(family.name).inserted
        let below = needs[family.name, default: []].compactMap { families[$0] }
        rows.append(Row(family, depth: level, isRepeated: !isNew && !below.isEmpty))
        guard isNew, level < depth else { return }
        for other in below where other.name != family.name { add(other, level + 1, depth, families, &seen) }
    }

    /// Adds a family and all that stand below it.
    private func reach(_ family: String, _ reached: inout Set<String>) {
        var left = [family]
        while let name = left.popLast() {
            if reached.insert(name).inserted { left += needs[name, default: []] }
        }
    }

    /// By family, some of its tasks' newest executions.
    private static func samples(_ records: ReportCatalogue) throws(Diagnostic) -> [String: [ExecutionGlance]] {
        var samples: [String: [ExecutionGlance]] = [:]
        for glance in try records.newest() where samples[glance.family, default: []].count < sample {
            samples[glance.family, default: []].append(glance)
        }
        return samples
    }

    private static func needs(
        of samples: [ExecutionGlance], _ records: ReportCatalogue
    ) throws(Diagnostic) -> [String] {
        var families: [String] = []
        for glance in samples {
            let (inputs, counted) = try records.inputs(of: glance)
            let known = try records.newest(of: inputs).compactMap { $0?.family }
            for name in known + counted where !families.contains(name) { families.append(name) }
        }
        return families
    }
}

extension AreaStatus {
    /// The same, with `"tree":[{"family":…,"depth":…,"needs":[…]}]`.
    public func json(tree: FamilyTree) -> JSON {
        guard case .object(let members) = json else { return json }
        let rows = tree.rows.map { row -> JSON in
            [
                "family": .string(row.family.name), "depth": JSON(row.depth),
                "needs": .array(tree.needs[row.family.name, default: []].map(JSON.string)),
            ]
        }
        return .object(members + [JSONMember("tree", .array(rows))])
    }
}

extension ReportCatalogue {
    /// Ids of the tasks that one needed; and families, where there were too many to name them.
    func inputs(of glance: ExecutionGlance) throws(Diagnostic) -> (tasks: [String], families: [String]) {
        let json = try record(of: glance)
        return ((json["inputs"]?.array ?? []).compactMap(\.string), (json["needs"]?.members ?? []).map(\.name))
    }
}
