import CSystem
import Glibc

/// A process that passes on to the user, and keeps, what is printed in this one: see `relay.h`.
public enum Relay {
    /// What is printed, and where the user looks.
    public struct Channel {
        public var source: Int32
        public var target: Int32
        public var isTerminal: Bool

        public init(source: Int32, target: Int32, isTerminal: Bool) {
            (self.source, self.target, self.isTerminal) = (source, target, isTerminal)
        }
    }

    /// Whether something was printed that nobody has read yet.
    /// - Parameter ends: pairs of a descriptor and whether it is a terminal: of that the master, of a pipe the writing end.
    public static func waits(_ ends: UnsafeRawBufferPointer) -> Bool {
        for at in stride(from: 0, to: ends.count - 7, by: 8) {
            let end = ends.loadUnaligned(fromByteOffset: at, as: Int32.self)
            if csystem_relay_waits(end, ends.loadUnaligned(fromByteOffset: at + 4, as: Int32.self)) != 0 { return true }
        }
        return false
    }

    /// - Parameters:
    ///   - log: absolute path of the file that keeps it.
    ///   - closed: descriptors of this process that would hide the end of a source.
    ///   - channels: one or two; standard error's is the last.
    /// - Returns: the pid of the new process.
    public static func start(
        log: String, control: Int32, answers: Int32, page: Int32, closed: [Int32], channels: [Channel]
    ) throws(SystemError) -> Int32 {
        precondition((1...2).contains(channels.count))
        let ours = channels.map {
            csystem_relay_channel(source: $0.source, target: $0.target, is_terminal: $0.isTerminal ? 1 : 0)
        }
        let pid = log.withCString { log in
            closed.withUnsafeBufferPointer { closed in
                var relay = csystem_relay(
                    log: log, control: control, answers: answers, page: page, closed: closed.baseAddress,
                    closed_count: Int32(closed.count), channels: (ours[0], ours[ours.count - 1]),
                    channel_count: Int32(ours.count))
                return csystem_relay_start(&relay)
            }
        }
        if pid < 0 { throw .last("clone") }
        return pid
    }
}
