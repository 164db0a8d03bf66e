import MartletModel
import MartletSystem

extension SegmentHeader {
    /// The header for this process, with a segment name of its own:
    /// `<UTC time>-<host>-<pid>-<random>`.
    public static func forThisProcess(
        kind: Kind = .reports, code: JSON = .object([]), environment: JSON = .object([])
    ) -> SegmentHeader {
        let started = SystemClock().wall()
        return SegmentHeader(
            kind: kind, segment: name(started), host: Host.name(), user: Host.user(), pid: Host.pid, started: started,
            code: code, environment: environment)
    }

    /// That of one more segment of the same process.
    func ofAnotherSegment() -> SegmentHeader {
        var other = self
        other.started = SystemClock().wall()
        other.segment = SegmentHeader.name(other.started)
        other.after = nil
        return other
    }

    private static func name(_ started: Int64) -> String {
        let plain = Host.name().prefix { $0 != "." }.filter { $0 != "/" }
        return "\(UTC.compact(started))-\(plain)-\(Host.pid)-\(Host.randomToken(bytes: 4))"
    }
}
