import MartletModel

/// A task that runs as a program of its own, as the Python side describes it (`martlet.running.jobs`).
public struct ProgramRequest: Equatable, Sendable {
    /// Unique for ever.
    public var tag: String
    /// The task's id.
    public var task: String
    public var command: [String]
    /// `name:argument`, or empty for none.
    public var sandbox: String
    /// Absolute paths.
    public var directory: String
    public var log: String
    /// Where the program leaves its outcome frame.
    public var result: String
    public init(
        tag: String, task: String, command: [String], sandbox: String, directory: String, log: String, result: String
    ) {
        self.tag = tag
        self.task = task
        self.command = command
        self.sandbox = sandbox
        self.directory = directory
        self.log = log
        self.result = result
    }

    /// - Throws: the name of the member that is missing.
    public init(json text: String) throws {
        let json = try JSON.parse(text)
        func member(_ name: String) throws(MissingMember) -> String {
            guard let value = json[name]?.string else { throw MissingMember(name: name) }
            return value
        }
        tag = try member("tag")
        task = try member("task")
        guard let words = json["command"]?.array else { throw MissingMember(name: "command") }
        command = words.compactMap(\.string)
        sandbox = try member("sandbox")
        directory = try member("directory")
        log = try member("log")
        result = try member("result")
    }

    public struct MissingMember: Error, Equatable { public var name: String }
}
