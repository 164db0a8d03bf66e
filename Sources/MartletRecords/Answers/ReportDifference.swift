import MartletModel

/// What differs between two reports, but for what differs between any two executions (when, where in the records).
public struct ReportDifference: Sendable {
    public let first: ExecutionGlance
    public let second: ExecutionGlance
    /// In the order of the members of a report; of objects and lists each part by itself.
    public private(set) var entries: [Entry] = []

    public struct Entry: Equatable, Sendable {
        /// `params.dataset`, `outputs.out/ttJets.root.size`, `env.packages.numpy`.
        public var member: String
        /// nil where the report has no such member.
        public var first: JSON?
        public var second: JSON?
    }

    private static let passedOver: Set<String> = [
        "name", "segment", "number", "path", "start", "log", "worker", "why", "try", "n", "crc", "digest",
    ]
    /// Rows of these lists are told by their first value.
    private static let columns = ["outputs": ["size", "modified", "checksum"], "taken": ["size", "modified", "checksum"]]

    public init(_ first: ExecutionGlance, _ second: ExecutionGlance, _ records: ReportCatalogue) throws(Diagnostic) {
        self.first = first
        self.second = second
        compare("", try records.details(of: first), try records.details(of: second))
    }

    private mutating func compare(_ name: String, _ a: JSON?, _ b: JSON?) {
        if a == b { return }
        if let columns = ReportDifference.columns[name], a?.members == nil, b?.members == nil {
            return compare(
                name, ReportDifference.byName(a?.array ?? [], columns), ReportDifference.byName(b?.array ?? [], columns))
        }
        let parts = (a?.members ?? [], b?.members ?? [])
        guard a?.members != nil || b?.members != nil, a == nil || a?.members != nil, b == nil || b?.members != nil else {
            return entries.append(Entry(member: name, first: a, second: b))
        }
        let names = parts.0.map(\.name) + parts.1.map(\.name).filter { name in !parts.0.contains { $0.name == name } }
        for part in names where !ReportDifference.passedOver.contains(part) {
            compare(name.isEmpty ? part : "\(name).\(part)", a?[part], b?[part])
        }
    }

    /// A list of rows as an object by their first values.
    private static func byName(_ rows: [JSON], _ columns: [String]) -> JSON {
        .object(
            rows.compactMap { row in
                guard let cells = row.array, let name = cells.first?.string else { return nil }
                return JSONMember(name, .object(zip(columns, cells.dropFirst()).map { JSONMember($0, $1) }))
            })
    }

    /// `{"first":…,"second":…,"differences":[{"member":…,"first":…,"second":…}]}`
    public var json: JSON {
        [
            "first": first.json, "second": second.json,
            "differences": .array(
                entries.map { entry in
                    [
                        "member": .string(entry.member), "first": entry.first ?? .null, "second": entry.second ?? .null,
                    ]
                }),
        ]
    }
}

extension ReportCatalogue {
    /// The two reports that a user wants compared: of tasks or reports by name; of one task its newest and the one before.
    /// - Throws: `.noRecords`, `.unknownTask`, `.ambiguousTask`, `.noEarlierReport`.
    public func pair(_ first: String, _ second: String?) throws(Diagnostic) -> (ExecutionGlance, ExecutionGlance) {
        let newest = try find(first)
        if let second { return (newest, try find(second)) }
        let before = try history(of: newest.task).prefix { ($0.segment, $0.number) != (newest.segment, newest.number) }
        guard let last = before.last else { throw Diagnostic(.noEarlierReport, subject: newest.title) }
        return (last, newest)
    }
}
