import Glibc

/// poll(2) over descriptors with a tag each. The order of `wait`'s answer is the order of adding.
public struct Poller {
    /// What to wait for, or what has come.
    public struct Interest: OptionSet, Sendable {
        public let rawValue: Int16
        public init(rawValue: Int16) { self.rawValue = rawValue }
        public static let readable = Interest(rawValue: Int16(POLLIN))
        public static let writable = Interest(rawValue: Int16(POLLOUT))
        /// The other end has gone; what it sent before may still be readable. Always waited for.
        public static let ended = Interest(rawValue: Int16(POLLHUP))
        /// The descriptor is broken or not open. Always waited for.
        public static let broken = Interest(rawValue: Int16(POLLERR | POLLNVAL))
    }

    public struct Event: Equatable, Sendable {
        public let fd: Int32
        public let tag: Int
        public let what: Interest
    }

    private var entries: [pollfd] = []
    private var tags: [Int] = []

    public init() {}

    public var isEmpty: Bool { entries.isEmpty }

    public mutating func add(_ fd: Int32, _ interest: Interest, tag: Int) {
        entries.append(pollfd(fd: fd, events: interest.rawValue, revents: 0))
        tags.append(tag)
    }

    /// Changes what is waited for; nothing happens when the descriptor was never added.
    public mutating func change(_ fd: Int32, _ interest: Interest) {
        guard let i = entries.firstIndex(where: { $0.fd == fd }) else { return }
        entries[i].events = interest.rawValue
    }

    public mutating func remove(_ fd: Int32) {
        guard let i = entries.firstIndex(where: { $0.fd == fd }) else { return }
        entries.remove(at: i)
        tags.remove(at: i)
    }

    public mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        tags.removeAll(keepingCapacity: true)
    }

    /// Waits until something happens or the time is over.
    /// - Parameter milliseconds: negative waits without end; 0 only looks.
    /// - Returns: empty when the time was over or a signal came.
    public mutating func wait(milliseconds: Int32) throws(SystemError) -> [Event] {
        let count = entries.withUnsafeMutableBufferPointer { poll($0.baseAddress, nfds_t($0.count), milliseconds) }
        if count < 0 {
            if errno == EINTR { return [] }
            throw .last("poll")
        }
        if count == 0 { return [] }
        var events: [Event] = []
        events.reserveCapacity(Int(count))
        for i in entries.indices where entries[i].revents != 0 {
            events.append(Event(fd: entries[i].fd, tag: tags[i], what: Interest(rawValue: entries[i].revents)))
        }
        return events
    }
}
