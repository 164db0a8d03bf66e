import MartletModel
import MartletSystem

extension SegmentHeader {
    /// The header for this process, with a segment name of its own:
    /// `<UTC time>-<host>-<pid>-<random>`.
    public static func forThisProcess(
        kind: Kind = .reports, code: JSON = .object([]), environment: JSON = .object([])
    ) -> SegmentHeader {
        let started = SystemClock().wall()
        let host = Host.name()
        let plain = host.prefix { $0 != "." }.filter { $0 != "/" }
        return SegmentHeader(
            kind: kind, segment: "\(UTC.compact(started))-\(plain)-\(Host.pid)-\(Host.randomToken(bytes: 4))",
            host: host,
            user: Host.user(), pid: Host.pid, started: started, code: code, environment: environment)
    }
}
