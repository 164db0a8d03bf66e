import MartletEngine
import MartletModel

/// A task that is a command, as the Python side describes it (`martlet.running.commands`).
public struct CommandRequest: Equatable, Sendable {
    /// What stands for an output while the command runs, and the output's own path.
    public struct Output: Equatable, Sendable {
        public var temporary: String
        public var path: String
    }

    /// What an exit status means.
    public struct Exit: Equatable, Sendable {
        public var kind: Outcome.Kind
        /// In the task's own words; may be empty.
        public var words: String
    }

    public var task: TaskIndex
    public var command: [String]
    /// `name:argument`, or empty for none.
    public var sandbox: String
    /// Where it starts; nil: where the driver is.
    public var directory: String?
    /// `NAME=value`, put in place of what the driver has.
    public var variables: [String]
    public var outputs: [Output]
    /// A file in which its program tells which outputs it has stored elsewhere (`StoredNote`); nil: all lie on this machine.
    public var note: String?
    /// Statuses that are not named mean what they always do: 0 is well, any other is the command's failure.
    public var exits: [Int32: Exit]
    /// A log of its own; nil: one that it shares with those before and after it.
    public var log: String?
    /// The Python side is to be told of the end before it counts.
    public var isHeard: Bool
    /// It is kept until its turn comes.
    public var isAhead: Bool
    /// The report has checksums of its outputs.
    public var isChecked: Bool
    /// Members of the report that only the Python side knows.
    public var fragment: [UInt8]

    /// An array of objects with the members above, named as here; `exits` has statuses as text and `[kind, words]`.
    /// - Throws: `JSONError`, or the name of the member that is missing.
    public static func read(json text: String) throws -> [CommandRequest] {
        try (JSON.parse(text).array ?? []).map(CommandRequest.init)
    }

    private init(_ json: JSON) throws(ProgramRequest.MissingMember) {
        func required<T>(_ name: String, _ value: T?) throws(ProgramRequest.MissingMember) -> T {
            guard let value else { throw ProgramRequest.MissingMember(name: name) }
            return value
        }
        func texts(_ name: String) -> [String] { json[name]?.array?.compactMap(\.string) ?? [] }
        task = TaskIndex(Int(try required("task", json["task"]?.integer)))
        command = texts("command")
        if command.isEmpty { throw ProgramRequest.MissingMember(name: "command") }
        sandbox = json["sandbox"]?.string ?? ""
        directory = json["directory"]?.string
        variables = texts("variables")
        outputs = []
        for pair in json["outputs"]?.array ?? [] {
            guard let fields = pair.array, fields.count == 2, let temporary = fields[0].string, let path = fields[1].string
            else { throw ProgramRequest.MissingMember(name: "outputs") }
            outputs.append(Output(temporary: temporary, path: path))
        }
        note = json["note"]?.string
        exits = [:]
        for member in json["exits"]?.members ?? [] {
            guard let status = Int32(member.name), let fields = member.value.array, fields.count == 2,
                let kind = fields[0].integer.flatMap({ UInt8(exactly: $0) }).flatMap(Outcome.Kind.init),
                let words = fields[1].string
            else { throw ProgramRequest.MissingMember(name: "exits") }
            exits[status] = Exit(kind: kind, words: words)
        }
        log = json["log"]?.string
        isHeard = json["heard"]?.bool ?? false
        isAhead = json["ahead"]?.bool ?? false
        isChecked = json["checked"]?.bool ?? false
        fragment = Array(try required("fragment", json["fragment"]?.string).utf8)
    }
}
