/// A command that says something to a batch system, or asks it.
public struct BatchCommand: Equatable, Sendable {
    /// A file that the command reads: written whole before it starts, and left where it is.
    public struct File: Equatable, Sendable {
        /// Absolute; its folder exists.
        public var path: String
        public var content: String
        public init(path: String, content: String) {
            self.path = path
            self.content = content
        }
    }

    /// The program, looked up in PATH, and its arguments. No secrets: everybody on the machine can read them.
    public var words: [String]
    /// What it reads from its standard input; empty: nothing.
    public var input: String
    /// Absolute path in which it starts; nil: where the driver is.
    public var directory: String?
    public var files: [File]
    /// Seconds after which it is killed with all that it has started.
    public var limit: Double

    public init(_ words: [String], input: String = "", directory: String? = nil, files: [File] = [], limit: Double = 60) {
        self.words = words
        self.input = input
        self.directory = directory
        self.files = files
        self.limit = limit
    }
}

/// How a command ended, and what it printed.
public struct BatchCommandResult: Equatable, Sendable {
    public enum End: Equatable, Sendable {
        case exited(Int32)
        /// The signal's name, "SIGSEGV".
        case signalled(String)
        case timedOut
        /// It never ran: the program is missing, a file could not be written.
        case notStarted(String)
    }
    public var end: End
    public var output: String
    public var errors: String
    /// The output was longer than is kept: what there is of it proves no absence.
    public var isCut: Bool

    public init(_ end: End, output: String = "", errors: String = "", isCut: Bool = false) {
        self.end = end
        self.output = output
        self.errors = errors
        self.isCut = isCut
    }

    public var isSuccess: Bool { end == .exited(0) }

    /// One line: how it ended and the last line of what it said about that.
    public func words(of program: String) -> String {
        let last = (errors.isEmpty ? output : errors).split(whereSeparator: \.isNewline).last.map { ": \($0)" } ?? ""
        switch end {
        case .exited(let status): return "\(program) ended with exit status \(status)\(last)"
        case .signalled(let name): return "\(program) was ended by \(name)\(last)"
        case .timedOut: return "\(program) did not answer in time\(last)"
        case .notStarted(let why): return "\(program) could not be started: \(why)"
        }
    }
}
