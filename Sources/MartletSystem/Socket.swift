import Glibc

/// Calls on connected stream sockets.
public enum Socket {
    /// What one look at a socket brought.
    public enum Received: Equatable, Sendable {
        case bytes(Int)
        /// Nothing at the moment.
        case nothing
        /// The other end has closed, or is gone.
        case ended
    }

    /// Two connected stream sockets, close-on-exec.
    public static func pair() throws(SystemError) -> (Descriptor, Descriptor) {
        var fds: (Int32, Int32) = (-1, -1)
        let code = withUnsafeMutableBytes(of: &fds) { raw in
            socketpair(
                AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0,
                raw.bindMemory(to: Int32.self).baseAddress!)
        }
        guard code == 0 else { throw .last("socketpair") }
        return (Descriptor(fds.0), Descriptor(fds.1))
    }

    /// Sends as much as the socket takes without waiting, never raising SIGPIPE.
    /// - Returns: how many bytes were taken; 0 when the socket is full.
    /// - Throws: EPIPE or ECONNRESET when the other end is gone.
    public static func send(_ fd: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        var at = 0
        while at < bytes.count {
            let count = Glibc.send(
                fd, bytes.baseAddress! + at, bytes.count - at, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            if count >= 0 {
                at += count
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                break
            } else if errno != EINTR {
                throw .last("send")
            }
        }
        return at
    }

    /// Sends everything, waiting where it must.
    public static func sendAll(_ fd: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var at = 0
        while at < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
            let taken = try send(fd, rest)
            at += taken
            if taken == 0 {
                var full = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
                if poll(&full, 1, -1) < 0 && errno != EINTR { throw .last("poll") }
            }
        }
    }

    /// Appends what has arrived, without waiting.
    /// - Parameter limit: bytes at the most.
    public static func receive(
        _ fd: Int32, into bytes: inout [UInt8], limit: Int = 1 << 16
    ) throws(SystemError) -> Received {
        var code: Int32 = 0
        let count = withUnsafeTemporaryAllocation(byteCount: limit, alignment: 16) { buffer in
            var count = 0
            repeat { count = recv(fd, buffer.baseAddress, limit, Int32(MSG_DONTWAIT)) } while count < 0 && errno == EINTR
            code = errno
            if count > 0 { bytes.append(contentsOf: buffer[..<count]) }
            return count
        }
        if count > 0 { return .bytes(count) }
        if count == 0 || code == ECONNRESET { return .ended }
        if code == EAGAIN || code == EWOULDBLOCK { return .nothing }
        throw SystemError(code, "recv")
    }
}
