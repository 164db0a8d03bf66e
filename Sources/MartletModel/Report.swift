/// One execution of a task, as recorded.
///
/// On its line the members that name the task come first; a worker sends those ready made, as a *fragment*:
///
///     "task":"…","family":"…","title":"…","params":{…},"outputs":[["path",size,mtime],…],"inputs":["task id",…]
///
/// with sizes in bytes, modification times in nanoseconds since 1970-01-01 UTC, and null for a size or time that is
/// not known. A checksum may follow, `"adler32:0a1b2c3d"`. Of many inputs only how many there are of each family is
/// told: `"needs":{"family":number}`. `title` may be left out where it is `family(name=value, …)` of the parameters, as it usually is. The
/// members of the execution follow, written by whoever ran it. Reader and writer are both here.
public struct Report: Equatable, Sendable {
    /// The task's id.
    public var task: String
    public var family: String
    /// The task as an analyst writes it: `Selection(dataset=ttJets)`.
    public var title: String
    public var parameters: JSON
    public var outputs: [RecordedOutput]
    /// Ids of the tasks that this one required, where they are few.
    public var inputs: [String]
    /// How many tasks of each family it required, where they are many.
    public var needs: [String: Int] = [:]
    public var execution: Execution
    /// The tasks that it ran for, if more than one.
    public var batch: RecordedBatch?

    public init(
        task: String, family: String, title: String, parameters: JSON = .object([]), outputs: [RecordedOutput] = [],
        inputs: [String] = [], execution: Execution
    ) {
        self.task = task
        self.family = family
        self.title = title
        self.parameters = parameters
        self.outputs = outputs
        self.inputs = inputs
        self.execution = execution
    }

    /// The members of this report, without braces.
    public func encode(into bytes: inout [UInt8]) { execution.encode(into: &bytes, fragment: fragment) }

    /// The members that name the task, as a worker sends them.
    public var fragment: [UInt8] {
        var writer = JSONWriter()
        writer.name(literal: "task")
        writer.string(task)
        writer.name(literal: "family")
        writer.string(family)
        writer.name(literal: "title")
        writer.string(title)
        writer.name(literal: "params")
        writer.value(parameters)
        writer.name(literal: "outputs")
        writer.beginArray()
        for output in outputs { output.encode(into: &writer) }
        writer.endArray()
        writer.name(literal: "inputs")
        writer.beginArray()
        for input in inputs { writer.string(input) }
        writer.endArray()
        if !needs.isEmpty {
            writer.name(literal: "needs")
            writer.beginObject()
            for (family, count) in needs.sorted(by: { $0.key < $1.key }) {
                writer.name(family)
                writer.integer(count)
            }
            writer.endObject()
        }
        return writer.bytes
    }

    /// `Selection(dataset=ttJets, file=3)`: what a title is unless the task gives itself another.
    package static func title(_ family: String, _ parameters: JSON) -> String? {
        guard let members = parameters.members, !family.isEmpty else { return nil }
        return "\(family)(\(members.map { "\($0.name)=\($0.value.string ?? $0.value.text)" }.joined(separator: ", ")))"
    }

    /// Members that it does not know are passed over, so that later versions may add some.
    /// - Throws: `Malformed` when the task's id or the way it ended is missing, or a member is of the wrong kind.
    public init(json: JSON) throws(Malformed) {
        let members = Members(json)
        task = try members.required("task", \.string)
        family = try members.optional("family", \.string) ?? ""
        parameters = json["params"] ?? .object([])
        title = try members.optional("title", \.string) ?? Report.title(family, parameters) ?? task
        outputs = []
        for output in try members.optional("outputs", \.array) ?? [] {
            outputs.append(try RecordedOutput(json: output))
        }
        inputs = []
        for input in try members.optional("inputs", \.array) ?? [] {
            guard let id = input.string else { throw Malformed("inputs") }
            inputs.append(id)
        }
        // version 1 has the number of all
        for family in json["needs"]?.members ?? [] {
            guard let count = family.value.integer else { throw Malformed("needs") }
            needs[family.name] = Int(clamping: count)
        }
        execution = try Execution(members)
        batch = try members.optional("batch", \.array).map { (rows) throws(Malformed) in try RecordedBatch(rows) }
    }

    /// The name of the member that is missing or of the wrong kind.
    public struct Malformed: Error, Equatable, Sendable {
        public let member: String
        init(_ member: String) { self.member = member }
    }

    /// Typed look-ups in one JSON object.
    struct Members {
        let json: JSON
        init(_ json: JSON) { self.json = json }

        func optional<T>(_ name: String, _ kind: (JSON) -> T?) throws(Malformed) -> T? {
            guard let value = json[name], value != .null else { return nil }
            guard let typed = kind(value) else { throw Malformed(name) }
            return typed
        }

        func required<T>(_ name: String, _ kind: (JSON) -> T?) throws(Malformed) -> T {
            guard let value = try optional(name, kind) else { throw Malformed(name) }
            return value
        }
    }
}

/// A file as it was when its task had ended.
public struct RecordedOutput: Equatable, Sendable {
    /// A path or URL, as the task named it.
    public var path: String
    /// Bytes; nil when not known, e.g. of a remote file.
    public var size: Int64?
    /// Nanoseconds since 1970-01-01 UTC; nil when not known.
    public var modified: Int64?
    /// `adler32:0a1b2c3d`: algorithm and digits; empty where none was asked for.
    public var checksum: String

    public init(path: String, size: Int64?, modified: Int64?, checksum: String = "") {
        self.path = path
        self.size = size
        self.modified = modified
        self.checksum = checksum
    }

    func encode(into writer: inout JSONWriter) {
        writer.beginArray()
        writer.string(path)
        for number in [size, modified] {
            if let number { writer.integer(number) } else { writer.null() }
        }
        if !checksum.isEmpty { writer.string(checksum) }
        writer.endArray()
    }

    /// `[path, size, mtime]`, or with a checksum behind.
    public init(json: JSON) throws(Report.Malformed) {
        guard let fields = json.array, fields.count >= 3, let path = fields[0].string else {
            throw Report.Malformed("outputs")
        }
        self.path = path
        for field in fields[1...2] where field != .null && field.integer == nil { throw Report.Malformed("outputs") }
        size = fields[1].integer
        modified = fields[2].integer
        checksum = fields.count > 3 ? fields[3].string ?? "" : ""
    }
}
