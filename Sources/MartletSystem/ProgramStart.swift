import CSystem
import Glibc

/// A program to start.
public struct ProgramStart {
    /// The program, looked up in PATH when it has no slash, and its arguments.
    public var command: [String]
    /// Where it starts; nil: where this process is.
    public var directory: String?
    /// Every `NAME=value`; nil: as this process has it.
    public var environment: [String]?
    /// `NAME=value` put in place of what `environment` has.
    public var variables: [String] = []
    /// Its standard output; nil: /dev/null.
    public var output: Descriptor?
    /// Its standard error; nil: where its output goes.
    public var errors: Descriptor?
    /// Its standard input; nil: /dev/null.
    public var input: Descriptor?
    /// What it has as descriptor 3; nil: nothing.
    public var third: Descriptor?
    /// Whether it leads a session of its own, away from the terminal, rather than only a process group of its own.
    public var ownSession: Bool
    /// Whether it stays in this process's group, and is deaf to SIGINT, SIGHUP and SIGTERM: it works for this process
    /// and ends with it, not before.
    public var isCompanion = false
    /// The signal that it gets when the thread that started it ends; nil: none.
    public var deathSignal: Int32?
    /// Where its pid is written, in ten digits, before its first instruction.
    public var note: UnsafeMutablePointer<CChar>?

    public init(
        _ command: [String], directory: String? = nil, environment: [String]? = nil, output: Descriptor? = nil,
        ownSession: Bool = false
    ) {
        self.command = command
        self.directory = directory
        self.environment = environment
        self.output = output
        self.ownSession = ownSession
    }

    /// PATH as the program will have it.
    var path: String {
        let entries = variables.reversed() + (environment ?? [])
        if let entry = entries.first(where: { $0.hasPrefix("PATH=") }) { return String(entry.dropFirst(5)) }
        return environment == nil ? Environment.get("PATH") ?? ProgramSearch.usualPath : ProgramSearch.usualPath
    }

    func withEnvironment<R>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R) -> R {
        if let environment {
            let names = Set(variables.map { $0.prefix { $0 != "=" } })
            return withCStrings(environment.filter { !names.contains($0.prefix { $0 != "=" }) } + variables, body)
        }
        guard let own = csystem_environment() else { return withCStrings(variables, body) }
        if variables.isEmpty { return body(UnsafePointer(own)) }
        return withCStrings(variables) { added in
            var pointers: [UnsafeMutablePointer<CChar>?] = []
            var cursor = UnsafePointer(own)
            while let entry = cursor.pointee {
                if !ProgramStart.isReplaced(entry, by: added) { pointers.append(entry) }
                cursor += 1
            }
            var more = added
            while let entry = more.pointee {
                pointers.append(entry)
                more += 1
            }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
        }
    }

    /// Whether one of `added` sets the variable of `entry`.
    private static func isReplaced(
        _ entry: UnsafeMutablePointer<CChar>, by added: UnsafePointer<UnsafeMutablePointer<CChar>?>
    ) -> Bool {
        guard let equals = strchr(entry, Int32(UInt8(ascii: "="))) else { return false }
        var cursor = added
        while let candidate = cursor.pointee {
            if strncmp(candidate, entry, equals - entry + 1) == 0 { return true }
            cursor += 1
        }
        return false
    }
}
