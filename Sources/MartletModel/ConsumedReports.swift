/// Which reports of its predecessors an execution consumed: the member `used` of its report.
///
/// For few predecessors a list beside `inputs`, in the same order, with `""` where there was neither a report nor a file to
/// tell by; for many one digest over all of them. The order of predecessors is of no matter.
public enum ConsumedReports: Equatable, Sendable {
    /// Predecessors are named one by one up to this many.
    public static let most = 16

    case each([ReportName?])
    /// 16 hexadecimal digits.
    case all(String)

    public init(_ names: [ReportName?]) {
        self = names.count <= ConsumedReports.most ? .each(names) : .all(ConsumedReports.digest(names))
    }

    /// Whether it is the same to have consumed these. Of a predecessor that had no name then, or has none now, nothing can
    /// be told: it is taken to be as it was, and says nothing of the others.
    /// - Parameter then: which of the predecessors of now, by their places, had no name then.
    public func isSame(as now: [ReportName?], nameless then: Nameless<Int>) -> Bool {
        switch self {
        case .all(let digest):
            if digest == ConsumedReports.digest(now) { return true }
            // a digest does not tell which of them are others: where names are gone since, it may be these alone
            let count = if case .count(let count) = then { count } else { 0 }
            return now.count { $0 == nil } > count
        case .each(let names):
            guard names.count == now.count else { return false }
            var left = Dictionary(names.compactMap(\.self).map { ($0, 1) }, uniquingKeysWith: +)
            var unmatched = 0, unknown = 0
            for (place, name) in now.enumerated() where !then.contains(place) {
                guard let name else {
                    unknown += 1
                    continue
                }
                if let count = left[name], count > 0 { left[name] = count - 1 } else { unmatched += 1 }
            }
            guard case .tasks = then else { return unmatched <= names.count { $0 == nil } }
            return unmatched == 0 && unknown == left.values.reduce(0, +)
        }
    }

    /// Whether one of its predecessors was consumed as it is now; true where that is not known.
    /// - Parameter wasNameless: it had no name then; nil where that is not known.
    public func holds(_ name: ReportName?, wasNameless: Bool?) -> Bool {
        guard let name, case .each(let then) = self, wasNameless != true else { return true }
        return then.contains(name) || (wasNameless == nil && then.contains(nil))
    }

    /// One name for all of them, as far as they are known: what a wrapper of them is called.
    public static func name(ofAll names: [ReportName?]) -> ReportName { ReportName(digestOf: sorted(names)) }

    private static func digest(_ names: [ReportName?]) -> String {
        String(SHA256.hex(sorted(names)).prefix(16))
    }

    private static func sorted(_ names: [ReportName?]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(names.count * (ReportName.length + 1))
        for name in names.map({ $0?.raw ?? 0 }).sorted() {
            Hex.append(name, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    func encode(into writer: inout JSONWriter) {
        switch self {
        case .all(let digest): writer.string(digest)
        case .each(let names):
            writer.beginArray()
            for name in names { writer.string(name?.text ?? "") }
            writer.endArray()
        }
    }

    /// The member as text.
    public var text: String {
        var writer = JSONWriter()
        encode(into: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The member of a text; nil when it is none.
    public init?(text: String) {
        do { self = try ConsumedReports(json: JSON.parse(text)) } catch { return nil }
    }

    init(json: JSON) throws(Report.Malformed) {
        if let digest = json.string {
            self = .all(digest)
        } else if let names = json.array?.map(\.string), !names.contains(nil) {
            self = .each(names.map { $0.flatMap { ReportName($0) } })
        } else {
            throw Report.Malformed("used")
        }
    }
}
