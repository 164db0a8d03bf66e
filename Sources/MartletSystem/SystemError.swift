import CSystem
import Glibc

/// A call that the operating system refused.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `errno` as it was.
    public let code: Int32
    /// What was tried: "open", "rename", …
    public let operation: String
    /// Of what; may be empty.
    public let path: String

    public init(_ code: Int32, _ operation: String, _ path: String = "") {
        self.code = code
        self.operation = operation
        self.path = path
    }

    /// The error of the call that just failed.
    public static func last(_ operation: String, _ path: String = "") -> SystemError {
        SystemError(errno, operation, path)
    }

    /// The system's words for the code: "No space left on device".
    public var text: String { SystemError.text(code) }

    public var description: String { path.isEmpty ? "\(operation): \(text)" : "\(operation) \(path): \(text)" }

    public static func text(_ code: Int32) -> String {
        guard let words = csystem_error_text(code) else { return "error \(code)" }
        return String(cString: words)
    }
}
