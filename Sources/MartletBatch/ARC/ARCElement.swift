import MartletPorts

/// A computing element as users write it: `ce.example.org`, `ce.example.org/QUEUE`, `https://ce.example.org:443/arex`, or
/// with the queue behind that.
struct ARCElement: Hashable {
    /// "https://ce.example.org/arex": without a slash at its end.
    var url: String
    var queue: String?

    init(_ written: String) {
        let schemeEnd = written.hasPrefix("https://") ? 8 : 0
        var parts = written.dropFirst(schemeEnd).split(separator: "/").map(String.init)
        let host = parts.isEmpty ? "" : parts.removeFirst()
        if parts.first == "arex" { parts.removeFirst() }
        url = "https://\(host)/arex"
        queue = parts.first
    }

    /// Of a job's URL; nil where it is none.
    init?(job: JobID) {
        guard let parts = ARCElement.split(job) else { return nil }
        (url, queue) = (String(parts.element), nil)
    }

    /// - Parameter who: as whom it was submitted, which stands behind the URL; nobody else is told of it.
    func job(_ id: String, who: String?) -> JobID { JobID("\(url)\(ARCElement.path)\(id)" + (who.map { "#\($0)" } ?? "")) }

    /// The part of a job's id that the element itself knows.
    static func own(_ job: JobID) -> String { split(job).map { String($0.own) } ?? "" }

    /// Who has submitted a job, where its id tells.
    static func who(_ job: JobID) -> String? {
        job.raw.lastIndex(of: "#").map { String(job.raw[job.raw.index(after: $0)...]) }
    }

    /// Where the element tells of a job.
    static func address(of job: JobID) -> Substring { job.raw.prefix { $0 != "#" } }

    private static let path = "/rest/1.0/jobs/"

    private static func split(_ job: JobID) -> (element: Substring, own: Substring)? {
        let address = address(of: job), parts = address.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 4, parts.suffix(4).dropLast() == ["rest", "1.0", "jobs"] else { return nil }
        return (address.dropLast(path.count + parts.last!.count), parts.last!)
    }
}
