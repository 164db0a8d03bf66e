import MartletModel

/// The first line of a segment: what all its records have in common.
public struct SegmentHeader: Equatable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case reports, ledger

        /// The newest format that this version reads, and the one that it writes. Ledgers of format 3 may have pilots.
        public var version: Int64 {
            switch self {
            case .reports: return 2
            case .ledger: return 3
            }
        }
    }

    public var kind: Kind
    /// Unique; also the file's name without its extension.
    public var segment: String
    public var host: String
    public var user: String
    public var pid: Int32
    /// When the process began to record: nanoseconds since 1970-01-01 UTC.
    public var started: Int64
    /// The latest moment (`Moment`) that the process saw in the records of the area as it began to record, or, of a job, that
    /// whoever described it knew of; nil where its own clock was beyond that.
    public var after: Int64?
    /// Which code ran: script, versions, fingerprints, as the steering side knows them.
    public var code: JSON
    /// In which environment it ran.
    public var environment: JSON

    public init(
        kind: Kind, segment: String, host: String, user: String, pid: Int32, started: Int64, code: JSON = .object([]),
        environment: JSON = .object([])
    ) {
        self.kind = kind
        self.segment = segment
        self.host = host
        self.user = user
        self.pid = pid
        self.started = started
        self.code = code
        self.environment = environment
    }

    /// The same process's header for a file of another kind.
    public func of(kind: Kind) -> SegmentHeader {
        var other = self
        other.kind = kind
        return other
    }

    /// The line's members, without braces.
    var members: [UInt8] {
        var writer = JSONWriter(reserving: 256)
        writer.name("martlet")
        writer.string(kind.rawValue)
        writer.name("version")
        writer.integer(kind.version)
        writer.name("segment")
        writer.string(segment)
        writer.name("host")
        writer.string(host)
        writer.name("user")
        writer.string(user)
        writer.name("pid")
        writer.integer(pid)
        writer.name("started")
        writer.integer(started)
        if let after {
            writer.name("after")
            writer.integer(after)
        }
        writer.name("code")
        writer.value(code)
        writer.name("environment")
        writer.value(environment)
        return writer.bytes
    }

    /// nil when the object is no header of a version that this one reads.
    init?(json: JSON) {
        guard let kind = json["martlet"]?.string.flatMap(Kind.init), let version = json["version"]?.integer,
            (1...kind.version).contains(version),
            let segment = json["segment"]?.string
        else { return nil }
        self.kind = kind
        self.segment = segment
        host = json["host"]?.string ?? ""
        user = json["user"]?.string ?? ""
        pid = Int32(truncatingIfNeeded: json["pid"]?.integer ?? 0)
        started = json["started"]?.integer ?? 0
        after = json["after"]?.integer
        code = json["code"] ?? .object([])
        environment = json["environment"] ?? .object([])
    }
}
