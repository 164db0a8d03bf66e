import CSystem
import Glibc

/// The few things that Martlet does with signals. Handlers that call Python are Python's own.
public enum Signals {
    /// A write to a closed pipe or socket is an error of that call from now on, not the end of the process.
    public static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

    /// What asks a whole process group to stop does not stop this process from now on: it ends with whom it works for.
    public static func ignoreInterrupts() { for number in [SIGINT, SIGHUP, SIGTERM] { _ = signal(number, SIG_IGN) } }

    /// Sends a signal to one process. False when there is none, or it is not ours to signal.
    @discardableResult
    public static func send(_ signal: Int32, to pid: Int32) -> Bool { pid > 0 && kill(pid, signal) == 0 }

    /// Sends a signal to a whole process group. False when it has no member, or none is ours to signal.
    @discardableResult
    public static func send(_ signal: Int32, toGroup group: Int32) -> Bool { group > 1 && kill(-group, signal) == 0 }

    /// "SIGKILL" for 9.
    public static func name(_ signal: Int32) -> String {
        guard let name = csystem_signal_name(signal) else { return "signal \(signal)" }
        return "SIG" + String(cString: name)
    }
}
