import MartletModel
import MartletPorts
import MartletSystem

/// `shell:setup.sh`: a bash that has sourced a script, as experiments' software is set up.
///
/// The script sees no arguments. When it ends with another status than 0 the command is not run, and the exit status
/// is 125.
public struct ShellSandbox: Sandbox {
    public static let name = "shell"

    /// Absolute path of the script.
    public let script: String

    // The command waits in an array while the script is sourced, so that the script does not take it for its own
    // arguments. No `||` behind the dot: it would switch off a `set -e` inside.
    private static let launcher = """
        martlet_command=("$@")
        set --
        . "$0"
        martlet_status=$?
        if [ "$martlet_status" -ne 0 ]; then
            echo "sandbox shell:$0: the script ended with status $martlet_status; the command was not run" >&2
            exit 125
        fi
        exec -- "${martlet_command[@]}"
        """

    public init(argument: String) throws(Diagnostic) {
        do {
            script = try absolutePath(argument)
            _ = try File.openReading(script)
        } catch {
            throw Diagnostic(.sandboxUnavailable, subject: "shell:\(argument)", cause: error.text)
        }
        if Directory.isDirectory(script) {
            throw Diagnostic(.sandboxUnavailable, subject: "shell:\(argument)", cause: "that is a directory, no script")
        }
    }

    public func wrap(_ command: [String]) -> [String] {
        ["bash", "-c", ShellSandbox.launcher, script] + command
    }
}

/// A path as it is meant here and now, wherever the command will start.
func absolutePath(_ path: String) throws(SystemError) -> String {
    path.hasPrefix("/") ? path : "\(try Directory.current())/\(path)"
}
