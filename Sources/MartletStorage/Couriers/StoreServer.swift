import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// The other side of a courier whose stores are Swift: answers its client's requests, one after another.
public final class StoreServer {
    /// Milliseconds between two words of how far a transfer has come.
    private static let pace: UInt64 = 100_000_000
    public static let version: Int64 = 1

    private let makeStores: (StoreSettings) -> Stores
    private var stores = Stores([])
    private let socket: Int32
    private var lastWord: UInt64 = 0

    private let longestAnswer: Int

    /// - Parameter socket: connected to the client.
    /// - Parameter stores: makes them, from what the client says first.
    public convenience init(socket: Int32, stores: @escaping (StoreSettings) -> Stores) {
        self.init(socket: socket, longestAnswer: CourierFrame.longest, stores: stores)
    }

    /// - Parameter longestAnswer: bytes that an answer may have; one that is longer is refused.
    init(socket: Int32, longestAnswer: Int, stores: @escaping (StoreSettings) -> Stores) {
        self.socket = socket
        self.longestAnswer = longestAnswer
        makeStores = stores
    }

    /// Answers until the client has closed its end, or says what cannot be understood.
    public func serve() throws(SystemError) {
        var reader = CourierFrameReader()
        while let frame = try receive(&reader), let answer = try answer(to: frame) { try send(answer) }
    }

    /// - Returns: nil when the client has hung up, or cannot be understood.
    private func receive(_ reader: inout CourierFrameReader) throws(SystemError) -> CourierFrame? {
        while true {
            do throws(CourierFrame.Malformed) {
                if let frame = try reader.next() { return frame }
            } catch {
                return nil
            }
            var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            poll(&waiting, 1, -1)
            let received = try reader.take { (buffer: inout [UInt8]) throws(SystemError) in
                try Socket.receive(socket, into: &buffer, limit: 1 << 18)
            }
            if received == .ended { return nil }
        }
    }

    private static func encoded(_ frame: CourierFrame) throws(SystemError) -> [UInt8] {
        do throws(CourierFrame.Malformed) { return try frame.encoded() } catch { throw SystemError(EMSGSIZE, "send") }
    }

    private func send(_ bytes: [UInt8]) throws(SystemError) {
        try bytes.withUnsafeBufferPointer { (all) throws(SystemError) -> Void in
            try Socket.sendAll(socket, UnsafeRawBufferPointer(all))
        }
    }

    private func answer(to frame: CourierFrame) throws(SystemError) -> [UInt8]? {
        if frame.header["op"] == .string("hello") {
            stores = makeStores(StoreSettings(frame.header["settings"] ?? .array([])))
            let greeting = JSON.object([JSONMember("version", .integer(StoreServer.version))])
            return try StoreServer.encoded(CourierFrame(header: greeting))
        }
        let request: StoreRequest
        do throws(StoreRequest.Malformed) {
            request = try StoreRequest(frame.header, bytes: frame.bytes)
        } catch {
            return nil
        }
        var untold: TransferProgress?
        let answer = request.answer(from: stores) { progress in
            untold = self.tell(progress) ? nil : progress
        }
        if let untold { try send(try StoreServer.encoded(StoreServer.frame(untold))) }
        do throws(CourierFrame.Malformed) {
            return try answer.frame.encoded(longest: longestAnswer)
        } catch {
            let refusal = StorageError(.unsupported, "the answer would be too long: \(error.reason); hint: ask for less at once")
            return try StoreServer.encoded(StoreAnswer(refusing: request, refusal).frame)
        }
    }

    /// - Returns: false when it is too early for another word.
    private func tell(_ progress: TransferProgress) -> Bool {
        let now = SystemClock().monotonic()
        guard now >= lastWord + StoreServer.pace else { return false }
        lastWord = now
        // who is gone ends this process anyway
        do throws(SystemError) { try send(try StoreServer.encoded(StoreServer.frame(progress))) } catch { return true }
        return true
    }

    private static func frame(_ progress: TransferProgress) -> CourierFrame {
        let numbers: [JSON] = [
            .integer(Int64(clamping: progress.bytesDone)), .integer(Int64(clamping: progress.bytesTotal)),
            .integer(Int64(progress.filesDone)), .integer(Int64(progress.filesTotal)),
        ]
        return CourierFrame(header: .object([JSONMember("progress", .array(numbers))]))
    }
}

extension TransferProgress {
    /// Of a frame that tells it; nil of any other.
    init?(_ header: JSON) {
        guard let numbers = header["progress"]?.array?.compactMap(\.integer), numbers.count == 4 else { return nil }
        self.init(
            bytesDone: UInt64(clamping: numbers[0]), bytesTotal: UInt64(clamping: numbers[1]),
            filesDone: Int(clamping: numbers[2]), filesTotal: Int(clamping: numbers[3]))
    }
}
