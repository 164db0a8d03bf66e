import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// Says whether a call is to be given up: somebody wants the process to stop. Asked at every signal, and five times a
/// second while a call waits.
public typealias Attention = @Sendable () -> Bool

/// A process that talks to remote stores for this one, and the socket to it. Used by one thread at a time.
///
/// What owns threads (libcurl's resolver, XRootD's clients, fsspec's loop) lives there, so that this process can fork.
/// It ends when its socket is closed, which the kernel does when this process ends in whatever way.
final class Courier {
    enum Kind: String, CaseIterable, Sendable {
        /// An interpreter that loads the engine alone; its stores are Swift.
        case swift
        /// Its stores are Python.
        case python
    }

    /// Why there is no answer. None of them says anything about what lies in the store.
    enum Trouble: Error {
        /// It has ended. `acted`: it had the whole request.
        case gone(String, acted: Bool)
        /// It said nothing new for so many seconds.
        case silent(Double)
        case interrupted
        case malformed(String)
        /// The request is longer than one can be: it was not sent.
        case tooLong(String)
    }

    /// Milliseconds between two looks at whether to give up.
    private static let glance = 200
    /// Bytes of what it has printed that are kept; more is dropped between requests.
    private static let mostPrinted: Int64 = 1 << 20

    /// Milliseconds that a killed process has to end in.
    private static let lastGrace: Int32 = 2000

    let kind: Kind
    /// Bytes that a request may have.
    private let longest: Int
    /// Of the settings that it was given; nil before it was given some.
    var generation: Int?
    private let process: Process
    private let socket: Descriptor
    private let printed: Descriptor
    private var reader = CourierFrameReader()

    /// - Throws: when it cannot be started.
    init(_ kind: Kind, command: [String], longest: Int) throws(SystemError) {
        self.longest = longest
        let (ours, theirs) = try Socket.pair()
        printed = try File.inMemory("martlet-courier")
        var start = ProgramStart(command, output: printed)
        start.third = theirs
        start.isCompanion = true
        process = try Process.start(start)
        theirs.close()
        socket = ours
        self.kind = kind
    }

    /// Whether it can be asked.
    var isAlive: Bool { look(0, milliseconds: 0) == .nothing }

    private enum Seen { case socket, end, nothing }

    /// Waits for the socket and for the end of the process, whose children may hold the other end of the socket still.
    private func look(_ events: Int16, milliseconds: Int32) -> Seen {
        var entries = [
            pollfd(fd: socket.raw, events: events, revents: 0),
            // a negative one is passed over
            pollfd(fd: process.pidfd?.raw ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&entries, 2, milliseconds) > 0 else { return .nothing }
        // what it said before its end counts
        return entries[0].revents != 0 ? .socket : .end
    }

    /// Sends a request and waits for the answer.
    /// - Parameter patience: seconds without anything new after which it is given up.
    func ask(
        _ frame: CourierFrame, patience: Double, attention: Attention, _ progress: (TransferProgress) -> Void = { _ in }
    ) throws(Trouble) -> CourierFrame {
        var deadline = Courier.now + patience
        try send(frame, until: deadline, patience, attention)
        var last: TransferProgress?
        while true {
            guard let answer = try receive(until: deadline, patience, attention) else { continue }
            guard let come = TransferProgress(answer.header) else { return answer }
            progress(come)
            // who repeats itself has come no further
            if come != last { deadline = Courier.now + patience }
            last = come
        }
    }

    private func send(
        _ frame: CourierFrame, until deadline: Double, _ patience: Double, _ attention: Attention
    ) throws(Trouble) {
        let bytes: [UInt8]
        do { bytes = try frame.encoded(longest: longest) } catch { throw .tooLong(error.reason) }
        var at = 0
        while at < bytes.count {
            do throws(SystemError) {
                at += try bytes.withUnsafeBufferPointer { (all) throws(SystemError) -> Int in
                    try Socket.send(socket.raw, UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[at...])))
                }
            } catch {
                throw .gone(lastWords, acted: false)
            }
            if at < bytes.count { try wait(Int16(POLLOUT), until: deadline, patience, attention) }
        }
    }

    private func receive(
        until deadline: Double, _ patience: Double, _ attention: Attention
    ) throws(Trouble) -> CourierFrame? {
        do throws(CourierFrame.Malformed) {
            if let frame = try reader.next() { return frame }
        } catch {
            throw .malformed(error.reason)
        }
        try wait(Int16(POLLIN), until: deadline, patience, attention)
        do throws(SystemError) {
            let received = try reader.take { (buffer: inout [UInt8]) throws(SystemError) in
                try Socket.receive(socket.raw, into: &buffer, limit: 1 << 18)
            }
            if received == .ended { throw SystemError(ECONNRESET, "recv") }
        } catch {
            throw .gone(lastWords, acted: true)
        }
        return nil
    }

    private func wait(
        _ events: Int16, until deadline: Double, _ patience: Double, _ attention: Attention
    ) throws(Trouble) {
        while true {
            let left = deadline - Courier.now
            if left <= 0 { throw .silent(patience) }
            switch look(events, milliseconds: Int32(min(left * 1000 + 1, Double(Courier.glance)))) {
            case .socket: return
            case .end: throw .gone(lastWords, acted: true)
            case .nothing: break
            }
            if attention() { throw .interrupted }
        }
    }

    private static var now: Double { Double(SystemClock().monotonic()) / 1e9 }

    /// How it ended, with the last line that it has printed. Waits for its end.
    private var lastWords: String {
        kill()
        let end = awaitEnd()?.text ?? "its process is gone"
        do throws(SystemError) {
            let text = String(decoding: try File.tail(printed, most: 1 << 16), as: UTF8.self)
            guard let line = text.split(separator: "\n").last(where: { $0.contains { !$0.isWhitespace } }) else { return end }
            return "\(end): \(line.prefix(300))"
        } catch {
            return end
        }
    }

    /// Once it has been awaited its number may mean somebody else.
    private func kill() { if !process.hasEnded() { Signals.send(SIGKILL, to: process.pid) } }

    /// Waits for its end after `kill`, but not for ever: a process that waits for a disk cannot be killed.
    private func awaitEnd() -> ProgramEnd? {
        if let pidfd = process.pidfd, !process.hasEnded() {
            var entry = pollfd(fd: pidfd.raw, events: Int16(POLLIN), revents: 0)
            poll(&entry, 1, Courier.lastGrace)
        } else if process.pidfd == nil {
            do throws(SystemError) { return try process.wait() } catch { return nil }  // somebody else awaited it
        }
        do throws(SystemError) { return try process.end() } catch { return nil }
    }

    /// Between requests: what was printed takes no more memory than this.
    func tidy() {
        do throws(SystemError) {
            if try File.length(printed) > Courier.mostPrinted { try File.truncate(printed, to: 0) }
        } catch {
            return  // then it is tidied another time
        }
    }

    /// Ends it, whatever it is doing, and waits for its end.
    /// - Returns: false when it does not end yet.
    @discardableResult
    func end() -> Bool {
        socket.close()
        kill()
        _ = awaitEnd()
        return process.hasEnded()
    }

    /// In a process that was forked: it belongs to the parent, and goes on.
    func forget() {
        socket.close()
        printed.close()
        process.pidfd?.close()
    }
}
