import MartletSystem

/// Judges by their heartbeats which runs are alive. A run is dead when its file has not changed for some time on the
/// monotonic clock of the one who watches: no two clocks are compared.
final class HeartbeatWatch {
    private let timeout: UInt64
    private var seen: [String: (beat: [UInt8]?, at: UInt64)] = [:]

    /// - Parameter timeout: nanoseconds.
    init(timeout: UInt64) { self.timeout = timeout }

    /// The heartbeat that belongs to a claims file.
    static func path(of claims: String) -> String { claims.dropLast(ClaimFile.fileExtension.count) + ".beat" }

    /// - Parameter claims: the path of a run's claims file.
    func isAlive(_ claims: String, _ now: UInt64) -> Bool {
        let beat = latest(claims)
        guard let last = seen[claims], last.beat == beat || beat == nil else {
            seen[claims] = (beat, now)
            return true
        }
        return now - last.at < timeout
    }

    /// nil when it cannot be read at the moment, which says nothing.
    private func latest(_ claims: String) -> [UInt8]? {
        do throws(SystemError) { return try File.read(HeartbeatWatch.path(of: claims)) } catch { return nil }
    }
}
