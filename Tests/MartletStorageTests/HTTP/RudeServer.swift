import Glibc
import Synchronization

/// An HTTP server on loopback that does to each request what its script says: answers late, in part, twice, never.
final class RudeServer: Sendable {
    struct Request: Sendable {
        var method: String
        /// As it was sent, with the query.
        var path: String
        /// Names in lower case.
        var headers: [String: String]
        /// What `.takeBody` has read.
        var body: [UInt8] = []
        /// Which connection it came over, and which of all requests it is; both from 0 on.
        var connection: Int
        var number: Int
    }

    enum Deed: Sendable {
        /// Says 100 Continue where that was asked for, and reads the body.
        case takeBody
        case send(String)
        case bytes([UInt8])
        /// One byte at a time, with pauses of so many milliseconds.
        case trickle(String, Int32)
        /// Says nothing until the client has gone or the server ends.
        case hang
        case close
        /// Closes so that the client sees its connection reset.
        case reset
    }

    private struct State {
        var connections: [Int32] = []
        var requests: [Request] = []
        var threads: [pthread_t] = []
        var hasEnded = false
    }
    private let state = Mutex(State())
    private let listener: Int32
    let port: Int
    private let script: @Sendable (Request) -> [Deed]

    /// - Parameter script: what is done to a request, whose body has not been read yet.
    init(_ script: @escaping @Sendable (Request) -> [Deed]) {
        self.script = script
        // a client that has gone is nothing special here
        signal(SIGPIPE, SIG_IGN)
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                precondition(bind(listener, raw, length) == 0 && listen(listener, 512) == 0)
                precondition(getsockname(listener, raw, &length) == 0)
            }
        }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        spawn { $0.accept() }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { state.withLock { $0.requests } }

    /// Ends every connection; no thread is left.
    func stop() {
        let threads = state.withLock { state in
            state.hasEnded = true
            for connection in state.connections where connection >= 0 { shutdown(connection, Int32(SHUT_RDWR)) }
            defer { state.threads = [] }
            return state.threads
        }
        if threads.isEmpty { return }
        shutdown(listener, Int32(SHUT_RDWR))
        for thread in threads { pthread_join(thread, nil) }
        // threads that began while these ended
        let late = state.withLock { state in
            defer { state.threads = [] }
            return state.threads
        }
        for thread in late { pthread_join(thread, nil) }
        close(listener)
    }

    private final class Work {
        let server: RudeServer
        let body: (RudeServer) -> Void
        init(_ server: RudeServer, _ body: @escaping (RudeServer) -> Void) { (self.server, self.body) = (server, body) }
    }

    private func spawn(_ body: @escaping (RudeServer) -> Void) {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(self, body))
        let code = pthread_create(
            &thread, nil,
            { raw in
                let work = Unmanaged<Work>.fromOpaque(raw!).takeRetainedValue()
                work.body(work.server)
                return nil
            }, work.toOpaque())
        precondition(code == 0)
        let handle = thread
        state.withLock { $0.threads.append(handle) }
    }

    private func accept() {
        while true {
            let fd = Glibc.accept(listener, nil, nil)
            let number: Int? = state.withLock { state in
                if fd < 0 || state.hasEnded { return nil }
                state.connections.append(fd)
                return state.connections.count - 1
            }
            guard let number else {
                if fd >= 0 { close(fd) }
                return
            }
            spawn { $0.serve(fd, number) }
        }
    }

    private func serve(_ fd: Int32, _ connection: Int) {
        defer {
            // under the lock, so that `stop` touches no descriptor that is somebody else's by then
            state.withLock { state in
                state.connections[connection] = -1
                close(fd)
            }
        }
        var buffer: [UInt8] = []
        while var request = readHead(fd, connection, &buffer) {
            let place = state.withLock { state in
                request.number = state.requests.count
                state.requests.append(request)
                return request.number
            }
            for deed in script(request) {
                guard perform(deed, fd, request, place, &buffer) else { return }
            }
        }
    }

    /// False when the connection is to end.
    private func perform(_ deed: Deed, _ fd: Int32, _ request: Request, _ place: Int, _ buffer: inout [UInt8]) -> Bool {
        switch deed {
        case .takeBody:
            if request.headers["expect"] == "100-continue" { write(fd, Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
            let count = request.headers["content-length"].flatMap { Int($0) } ?? 0
            while buffer.count < count { guard receive(fd, &buffer) else { return false } }
            let body = Array(buffer.prefix(count))
            state.withLock { $0.requests[place].body = body }
            buffer.removeFirst(count)
        case .send(let text): write(fd, Array(text.utf8))
        case .bytes(let bytes): write(fd, bytes)
        case .trickle(let text, let pause):
            for byte in text.utf8 {
                write(fd, [byte])
                if isGone(fd, pause) { return false }
            }
        case .hang:
            while !isGone(fd, 60_000) {}
            return false
        case .close: return false
        case .reset:
            var hard = linger(l_onoff: 1, l_linger: 0)
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
            return false
        }
        return true
    }

    private func isGone(_ fd: Int32, _ milliseconds: Int32) -> Bool {
        // POLLRDHUP, which Swift does not see
        var entry = pollfd(fd: fd, events: 0x2000, revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }

    private func receive(_ fd: Int32, _ buffer: inout [UInt8]) -> Bool {
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(fd, &piece, piece.count, 0)
        if count > 0 { buffer += piece.prefix(count) }
        return count > 0
    }

    private func write(_ fd: Int32, _ bytes: [UInt8]) {
        var at = 0
        while at < bytes.count {
            let count = bytes.withUnsafeBytes { send(fd, $0.baseAddress! + at, bytes.count - at, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return }
            at += count
        }
    }

    private func readHead(_ fd: Int32, _ connection: Int, _ buffer: inout [UInt8]) -> Request? {
        while true {
            let text = String(decoding: buffer, as: UTF8.self)
            if let end = text.utf8.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(text[..<end.lowerBound])
                buffer.removeFirst(head.utf8.count + 4)
                return parsed(head, connection)
            }
            guard receive(fd, &buffer) else { return nil }
        }
    }

    private func parsed(_ head: String, _ connection: Int) -> Request? {
        let lines = head.split(separator: "\r\n")
        guard let first = lines.first?.split(separator: " "), first.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        return Request(method: String(first[0]), path: String(first[1]), headers: headers, connection: connection, number: 0)
    }
}

/// A whole answer, as it goes over the line.
func answer(_ status: String, _ headers: [String] = [], _ body: String = "") -> String {
    let lines = ["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.utf8.count)", "", body]
    return lines.joined(separator: "\r\n")
}
