import MartletModel

/// An environment in which a program runs: a command goes in, a command comes out.
public protocol Sandbox: Sendable {
    /// The word before the colon in `sandbox = "shell:setup.sh"`.
    static var name: String { get }
    /// - Parameter argument: what stands behind the colon.
    /// - Throws: `Diagnostic` when the argument is of no use (file missing, engine not installed).
    init(argument: String) throws(Diagnostic)
    /// The command that runs `command` inside. Pure: no process is started here.
    func wrap(_ command: [String]) -> [String]
}
