import CSystem
import Glibc

/// A process that shows others that this one lives, by changing a file again and again.
///
/// It is forked from this process and ends when this process, and every process forked from it later, has ended: they
/// all share the pipe that it listens to. It beats on while this process computes, is stopped, or waits.
public final class Heartbeat {
    private let lifeline: Descriptor
    private let pid: Int32
    private var isReaped = false

    /// - Parameter path: absolute.
    /// - Parameter every: nanoseconds.
    public init(path: String, every: UInt64) throws(SystemError) {
        var ends: (Int32, Int32) = (-1, -1)
        let code = withUnsafeMutableBytes(of: &ends) { csystem_pipe($0.bindMemory(to: Int32.self).baseAddress!) }
        guard code == 0 else { throw .last("pipe") }
        let listening = Descriptor(ends.0)
        lifeline = Descriptor(ends.1)
        pid = csystem_heartbeat(listening.raw, lifeline.raw, path, Int32(clamping: max(1, every / 1_000_000)))
        if pid < 0 { throw .last("fork") }
    }

    /// It was killed: others will take this run for dead.
    public var hasEnded: Bool {
        if !isReaped { isReaped = Process.reap(pid) }
        return isReaped
    }

    /// Ends it at once, unless processes are left whose life it shows.
    public func end(processesLeft: Bool) {
        lifeline.close()
        if processesLeft || hasEnded { return }
        Signals.send(SIGKILL, to: pid)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        isReaped = true
    }
}
