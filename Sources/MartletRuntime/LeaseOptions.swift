import MartletModel
import MartletPorts

/// How a run shares its analysis with others.
public struct LeaseOptions: Equatable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        /// As the file system of the state directory has it.
        case auto
        /// Locks of this machine's kernel.
        case local
        /// Heartbeats that other machines can see.
        case shared
    }
    public var kind: Kind
    /// The state directory.
    public var state: String
    /// Seconds without a heartbeat after which a run of another machine is taken for dead.
    public var timeout: Double
    /// Runs within which this one is started, outermost first.
    public var enclosing: [EnclosingRun]

    public init(kind: Kind = .auto, state: String, timeout: Double = 60, enclosing: [EnclosingRun] = []) {
        self.kind = kind
        self.state = state
        self.timeout = timeout
        self.enclosing = enclosing
    }

    /// nil when the object names no state directory, or a kind that there is not.
    init?(json: JSON) {
        guard let state = json["state"]?.string, let kind = Kind(rawValue: json["kind"]?.string ?? "auto") else {
            return nil
        }
        self.init(
            kind: kind, state: state, timeout: json["timeout"]?.double ?? 60,
            enclosing: (json["enclosing"]?.array ?? []).compactMap { run in
                run["file"]?.string.map {
                    EnclosingRun(
                        file: $0, isHere: run["here"]?.bool ?? false, task: run["task"]?.string.map { TaskDigest(of: $0) })
                }
            })
    }
}
