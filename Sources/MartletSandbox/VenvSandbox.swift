import MartletModel
import MartletPorts
import MartletSystem

/// `venv:/path`: a Python virtual environment, as its `activate` sets it up. A command that begins with a Python runs
/// with the environment's.
public struct VenvSandbox: Sandbox {
    public static let name = "venv"

    /// Absolute path of the environment.
    public let environment: String

    // PATH is put together where the command runs, which may be another machine
    private static let launcher = """
        VIRTUAL_ENV=$0 PATH=$0/bin:$PATH
        export VIRTUAL_ENV PATH
        unset PYTHONHOME
        exec "$@"
        """

    public init(argument: String) throws(Diagnostic) {
        do {
            environment = try absolutePath(argument)
            _ = try File.openReading("\(environment)/bin/python")
        } catch {
            throw Diagnostic(.sandboxUnavailable, subject: "venv:\(argument)", cause: "bin/python: \(error.text)")
        }
    }

    public func wrap(_ command: [String]) -> [String] {
        var command = command
        if let program = command.first, VenvSandbox.isPython(program) { command[0] = "\(environment)/bin/python" }
        return ["/usr/bin/env", "sh", "-c", VenvSandbox.launcher, environment] + command
    }

    /// `python`, `python3`, `/usr/bin/python3.12`, …
    private static func isPython(_ program: String) -> Bool {
        let name = program.split(separator: "/").last ?? ""
        guard name.hasPrefix("python") else { return false }
        return name.dropFirst("python".count).allSatisfy { $0 == "." || ("0"..."9").contains($0) }
    }
}
