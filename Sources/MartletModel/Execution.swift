/// How and where one execution of a task went: the members of a `Report` that whoever ran it adds.
public struct Execution: Equatable, Sendable {
    /// Enough for the members below in nearly every case, to reserve space.
    static let usualLength = 320

    public var outcome: Outcome
    /// Why it failed, in one line; empty when it did not.
    public var cause: String
    /// Nanoseconds since 1970-01-01 UTC.
    public var start: Int64
    /// Seconds.
    public var wall: Double
    /// Seconds of user and system time, children included; nil when not measured.
    public var cpu: Double?
    /// Peak resident memory in kB of the process that ran it; nil when not measured.
    public var memory: Int64?
    /// 0 is the driver itself.
    public var worker: Int
    /// 1 for the first try in this run.
    public var attempt: Int
    public var log: LogSpan?
    /// Why it ran: a reason's code, with the id of the task behind it where there is one.
    public var reason: Reason?
    /// Digests of the facts about its code, its environment and its sandbox; empty where there is none.
    public var facts = Facts()
    /// Which reports of its predecessors it consumed; nil when it had none, or it is not known.
    public var consumed: ConsumedReports?
    /// How many of its predecessors had no name, where `consumed` is a digest.
    public var nameless = 0
    /// Where tasks ran as one, the same of each, in the order of the batch.
    public var consumedByMember: [ConsumedReports?] = []
    /// Tasks that it asked for while it ran, and what their newest successful reports were called as it ended.
    public var asked: [Asked] = []
    /// Where the outputs lay that were removed.
    public var removed: [String] = []
    /// Files that it consumed of predecessors that have no report.
    public var taken: [RecordedOutput] = []

    public struct Asked: Equatable, Sendable {
        public var task: String
        /// nil where it had no report.
        public var report: ReportName?
        public init(task: String, report: ReportName?) {
            self.task = task
            self.report = report
        }

        /// `[["task id","name"],…]`, as it is kept beside a report.
        public static func text(_ all: [Asked]) -> String {
            JSON.array(all.map { .array([.string($0.task), .string($0.report?.text ?? "")]) }).text
        }

        /// What `text` made; empty for anything else.
        public static func all(_ text: String) -> [Asked] {
            // it comes from the index, a cache, in which most rows have none: why a text is none changes nothing
            guard let rows = (try? JSON.parse(text))?.array else { return [] }
            return rows.compactMap { row in
                guard let task = row.array?.first?.string, let name = row.array?.last?.string else { return nil }
                return Asked(task: task, report: ReportName(name))
            }
        }
    }

    public struct Facts: Hashable, Sendable {
        public var code = ""
        public var environment = ""
        public var sandbox = ""
        /// The environment of the run that had it submitted as a job, where that is another one: what a later run of that
        /// kind compares itself with.
        public var submitter = ""
        public init(code: String = "", environment: String = "", sandbox: String = "", submitter: String = "") {
            (self.code, self.environment, self.sandbox, self.submitter) = (code, environment, sandbox, submitter)
        }
    }

    public enum Outcome: String, CaseIterable, Sendable {
        case done, failed
        /// It was no execution: the outputs were removed. On its line the state is `failed`, which every reader knows how
        /// to take, and `removed` says what went.
        case removed
    }

    /// Where what the task printed stands: bytes `offset..<offset + length` of a file.
    public struct LogSpan: Equatable, Sendable {
        public var file: String
        public var offset: Int64
        public var length: Int64
        public init(file: String, offset: Int64, length: Int64) {
            self.file = file
            self.offset = offset
            self.length = length
        }
    }

    public struct Reason: Equatable, Sendable {
        public var code: String
        /// A task id; empty where the code says all.
        public var task: String
        public init(code: String, task: String = "") {
            self.code = code
            self.task = task
        }
    }

    public init(
        outcome: Outcome, cause: String = "", start: Int64, wall: Double, cpu: Double? = nil, memory: Int64? = nil,
        worker: Int = 0, attempt: Int = 1, log: LogSpan? = nil, reason: Reason? = nil
    ) {
        self.outcome = outcome
        self.cause = cause
        self.start = start
        self.wall = wall
        self.cpu = cpu
        self.memory = memory
        self.worker = worker
        self.attempt = attempt
        self.log = log
        self.reason = reason
    }

    /// Appends the members of a report, without braces: the worker's fragment, then these. In debug builds the
    /// fragment must be well formed; in release builds it is trusted, and a reader would pass the line over.
    public func encode(into bytes: inout [UInt8], fragment: [UInt8]) {
        assert(Execution.isWellFormed(fragment), "fragment: \(String(decoding: fragment, as: UTF8.self))")
        bytes.reserveCapacity(bytes.count + fragment.count + cause.utf8.count + Execution.usualLength)
        bytes.append(contentsOf: fragment)
        var writer = JSONWriter(appendingTo: bytes, afterMember: !fragment.isEmpty)
        bytes = []
        writer.name(literal: "state")
        writer.string((outcome == .removed ? .failed : outcome).rawValue)
        if !cause.isEmpty {
            writer.name(literal: "cause")
            writer.string(cause)
        }
        writer.name(literal: "start")
        writer.integer(start)
        writer.name(literal: "wall")
        writer.number(Execution.toMicroseconds(wall))
        if let cpu {
            writer.name(literal: "cpu")
            writer.number(Execution.toMicroseconds(cpu))
        }
        if let memory {
            writer.name(literal: "rss")
            writer.integer(memory)
        }
        writer.name(literal: "worker")
        writer.integer(worker)
        encodeAttempt(into: &writer)
        if let log {
            writer.name(literal: "log")
            writer.beginArray()
            writer.string(log.file)
            writer.integer(log.offset)
            writer.integer(log.length)
            writer.endArray()
        }
        encodeOrigin(into: &writer)
        if !asked.isEmpty {  // their ids are in the fragment
            writer.name(literal: "answered")
            writer.beginArray()
            for one in asked { writer.string(one.report?.text ?? "") }
            writer.endArray()
        }
        if outcome == .removed {
            writer.name(literal: "removed")
            writer.beginArray()
            for place in removed { writer.string(place) }
            writer.endArray()
        }
        bytes = writer.bytes
    }

    init(_ members: Report.Members) throws(Report.Malformed) {
        guard let outcome = Outcome(rawValue: try members.required("state", \.string)) else {
            throw Report.Malformed("state")
        }
        let removed = try members.optional("removed", \.array)
        self.outcome = removed == nil ? outcome : .removed
        self.removed = (removed ?? []).compactMap(\.string)
        cause = try members.optional("cause", \.string) ?? ""
        start = try members.required("start", \.integer)
        wall = try members.optional("wall", \.double) ?? 0
        cpu = try members.optional("cpu", \.double)
        memory = try members.optional("rss", \.integer)
        worker = Int(try members.optional("worker", \.integer) ?? 0)
        attempt = 1
        log = try members.optional("log", \.array).map { (fields) throws(Report.Malformed) in
            guard fields.count == 3, let file = fields[0].string, let offset = fields[1].integer,
                let length = fields[2].integer
            else { throw Report.Malformed("log") }
            return LogSpan(file: file, offset: offset, length: length)
        }
        try takeOrigin(members)
        let names = try members.optional("answered", \.array) ?? []
        for (place, task) in (try members.optional("asked", \.array) ?? []).enumerated() {
            guard let task = task.string else { throw Report.Malformed("asked") }
            let name = place < names.count ? names[place].string ?? "" : ""
            asked.append(Asked(task: task, report: ReportName(name)))
        }
    }

    /// Digits beyond microseconds only make records longer.
    private static func toMicroseconds(_ seconds: Double) -> Double { (seconds * 1e6).rounded() / 1e6 }

    private static func isWellFormed(_ fragment: [UInt8]) -> Bool {
        do {
            _ = try JSON.parse([UInt8(ascii: "{")] + fragment + [UInt8(ascii: "}")])
            return true
        } catch {
            return false
        }
    }
}
