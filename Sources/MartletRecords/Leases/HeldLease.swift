import MartletModel
import MartletPorts

/// That a run holds a task at this moment.
public struct HeldLease: Equatable, Sendable {
    /// The run: its claims file, without the extension.
    public var run: String
    public var holder: LeaseHolder
    /// Nanoseconds since 1970-01-01 UTC, by the holder's clock; nil where its claims do not tell.
    public var since: Int64?
    /// It was claimed to be started at once; else its turn comes.
    public var isStarted: Bool
    /// On a shared file system, seconds since the run's last sign of life, as far as the clocks agree.
    public var silence: Double?

    public init(run: String, holder: LeaseHolder, since: Int64?, isStarted: Bool, silence: Double? = nil) {
        self.run = run
        self.holder = holder
        self.since = since
        self.isStarted = isStarted
        self.silence = silence
    }

    /// One line: "running now on lxplus801, pid 4711, since 2026-01-31 23:59:59 UTC, run lxplus801-4711-9f03ab12".
    public var words: String {
        let when = since.map { " since \(UTC.readable($0)) UTC," } ?? ""
        let what = isStarted ? "running now" : "about to run"
        let sign = silence.map { "; its last sign of life was \(Int($0.rounded())) s ago" } ?? ""
        return "\(what) on \(holder.host), pid \(holder.pid),\(isStarted ? when : when.isEmpty ? "" : " claimed" + when) run \(run)\(sign)"
    }

    /// `{"run":…,"host":…,"pid":…,"since":nanoseconds or null,"started":…,"silence":seconds,"words":…}`
    public var json: JSON {
        var members = [
            JSONMember("run", .string(run)), JSONMember("host", .string(holder.host)),
            JSONMember("pid", .integer(Int64(holder.pid))), JSONMember("since", since.map { .integer($0) } ?? .null),
            JSONMember("started", .bool(isStarted)),
        ]
        if let silence { members.append(JSONMember("silence", .number(silence))) }
        members.append(JSONMember("words", .string(words)))
        return .object(members)
    }
}
