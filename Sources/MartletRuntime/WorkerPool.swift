import Glibc
import MartletEngine
import MartletModel
import MartletSystem

/// The sockets of workers and zygotes, seen from the driver. Decides nothing: says what arrived.
///
/// Not safe for use by two threads at once; no thread of its own.
struct WorkerPool {
    /// What arrived.
    enum Arrival {
        case outcome(OutcomeFrame, from: WorkerID)
        /// The worker is gone; `cause` in words, `logBegin` where the log of what it ran begins.
        case lost(WorkerID, cause: String, logBegin: Int64)
    }

    private struct Worker {
        var socket: Descriptor
        var pid: Int32
        /// How many lessons it has learnt, or was forked after.
        var knows: Int
        /// How its process is set up.
        var equipment = Equipment.untouched
        var received: [UInt8] = []
        var unsent: [UInt8] = []
        /// When its socket ended, on the monotonic clock; nil while it lives.
        var endedAt: UInt64?
        /// How it ended, once the zygote has told.
        var notice: String?
        /// Where the log of the task that it runs begins.
        var logEnd: Int64 = 0
        /// It was told to end: what it still says does not count.
        var isCondemned = false
    }

    /// How long a zygote may take to tell how a worker ended, in nanoseconds.
    private static let patience: UInt64 = 2_000_000_000

    private var workers: [WorkerID: Worker] = [:]
    private var lessons = Lessons()
    /// How many lessons were given before the zygote was forked from which the next workers come.
    private var zygoteKnows = 0
    private var zygotes: [Int32: (socket: Descriptor, received: [UInt8])] = [:]
    /// The zygote from which the next workers come.
    private var zygote: Int32 = -1
    private var groups = WorkerGroups()

    /// Whether there is nobody to listen to.
    var isEmpty: Bool { workers.isEmpty && zygotes.isEmpty }

    /// - Parameters:
    ///   - knows: how many lessons were given before its zygote was forked: it needs the later ones.
    ///   - logBegin: how long its log was before it came.
    mutating func add(_ id: WorkerID, socket: Descriptor, pid: Int32, knows: Int, logBegin: Int64 = 0) {
        workers[id] = Worker(socket: socket, pid: pid, knows: knows, logEnd: logBegin)
        groups.add(id, leader: pid, zygote: zygote)
    }

    /// What tasks are that workers may not know.
    mutating func teach(_ lesson: [UInt8]) { lessons.add(lesson) }

    mutating func addZygote(socket: Descriptor, knows: Int) {
        zygotes[socket.raw] = (socket, [])
        zygote = socket.raw
        zygoteKnows = knows
    }

    /// Everybody who is there.
    var all: [WorkerID] { workers.keys.sorted() }

    /// Tells a worker what to do, in order.
    mutating func send(_ messages: [WorkerMessage], to id: WorkerID) {
        guard workers[id] != nil else { return }
        teach(id)
        for message in messages { message.append(to: &workers[id]!.unsent) }
        flush(id)
    }

    /// Whether a worker must be told that this is what its next task may use.
    mutating func equips(_ id: WorkerID, with wanted: Equipment) -> Bool {
        guard let worker = workers[id], worker.equipment != wanted else { return false }
        workers[id]!.equipment = wanted
        return true
    }

    /// Whoever has something to do learns first what was planned since it was forked.
    private mutating func teach(_ id: WorkerID) {
        guard workers[id]!.knows < lessons.count else { return }
        for lesson in lessons.after(workers[id]!.knows) {
            WorkerMessage(task: TaskIndex(0), verb: .learn, description: lesson).append(to: &workers[id]!.unsent)
        }
        workers[id]!.knows = lessons.count
        lessons.drop(min(zygoteKnows, workers.values.map(\.knows).min() ?? zygoteKnows))
    }

    private mutating func flush(_ id: WorkerID) {
        guard let worker = workers[id], !worker.unsent.isEmpty, worker.endedAt == nil else { return }
        do {
            let sent = try worker.unsent.withUnsafeBytes { (raw) throws(SystemError) in
                try Socket.send(worker.socket.raw, raw)
            }
            workers[id]!.unsent.removeFirst(sent)
        } catch {
            // the other end is gone: the next look at the socket finds its end, after what it sent before
            workers[id]!.unsent.removeAll()
        }
    }

    // MARK: waiting

    func register(with poller: inout Poller) {
        for (id, worker) in workers where worker.endedAt == nil {
            poller.add(worker.socket.raw, worker.unsent.isEmpty ? .readable : [.readable, .writable], tag: Int(id.raw))
        }
        for fd in zygotes.keys { poller.add(fd, .readable, tag: -1) }
    }

    /// True while something may change without a descriptor becoming ready.
    var isWaitingForNotices: Bool { workers.values.contains { $0.endedAt != nil } }

    /// Reads whatever is there. `now`: monotonic nanoseconds.
    mutating func read(_ events: [Poller.Event], now: UInt64) -> [Arrival] {
        var arrivals: [Arrival] = []
        for event in events {
            if event.tag == -1 {
                readNotices(event.fd)
            } else {
                let id = WorkerID(UInt32(event.tag))
                if event.what.contains(.writable) { flush(id) }
                if event.what != .writable { readOutcomes(id, now, &arrivals) }
            }
        }
        for (id, worker) in workers.sorted(by: { $0.key < $1.key }) {
            if worker.notice != nil && worker.endedAt == nil {
                // it was reaped; a process of its task's making may hold the socket open for ever
                readOutcomes(id, now, &arrivals)
            } else if let endedAt = worker.endedAt, worker.notice == nil {
                guard now - endedAt > WorkerPool.patience else { continue }
                // it hung up and lives on
                Signals.send(SIGKILL, toGroup: worker.pid)
            } else if worker.notice == nil {
                continue
            }
            arrivals.append(.lost(id, cause: worker.notice ?? "its process hung up", logBegin: worker.logEnd))
            workers[id] = nil
        }
        return arrivals
    }

    private mutating func readOutcomes(_ id: WorkerID, _ now: UInt64, _ arrivals: inout [Arrival]) {
        guard workers[id] != nil else { return }
        do {
            var got = Socket.Received.nothing
            repeat { got = try Socket.receive(workers[id]!.socket.raw, into: &workers[id]!.received) } while got.isBytes
            for frame in try OutcomeFrame.readAll(&workers[id]!.received) where !workers[id]!.isCondemned {
                if !frame.hasOwnLog {
                    workers[id]!.logEnd = Int64(clamping: frame.logOffset &+ frame.logLength)
                }
                arrivals.append(.outcome(frame, from: id))
            }
            if got == .ended { workers[id]!.endedAt = now }
        } catch {
            // bytes that are no frame: a task wrote into the descriptor, or memory is corrupt
            Signals.send(SIGKILL, toGroup: workers[id]!.pid)
            workers[id]!.endedAt = now
            workers[id]!.notice = "its process answered with something that is no answer (\(error))"
        }
    }

    /// Each notice: worker u32, wait status i32, peak memory u64 (kB), user and system seconds f64.
    private static let noticeLength = 32

    private mutating func readNotices(_ fd: Int32) {
        guard var received = zygotes[fd]?.received else { return }
        var got = Socket.Received.nothing
        do { repeat { got = try Socket.receive(fd, into: &received) } while got.isBytes } catch { got = .ended }
        while received.count >= WorkerPool.noticeLength {
            received.withUnsafeBytes { raw in
                let id = WorkerID(UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self)))
                let status = Int32(littleEndian: raw.loadUnaligned(fromByteOffset: 4, as: Int32.self))
                groups.hasEnded(id)
                if workers[id]?.notice == nil { workers[id]?.notice = WorkerPool.words(status) }
            }
            received.removeFirst(WorkerPool.noticeLength)
        }
        zygotes[fd]?.received = received
        if got == .ended {
            zygotes[fd] = nil
            groups.isLost(zygote: fd)
        }
    }

    /// A wait status in words.
    static func words(_ status: Int32) -> String {
        let signal = status & 0x7F
        if signal != 0 { return "its process was ended by \(Signals.name(signal))" }
        return "its process ended with exit status \(status >> 8 & 0xFF)"
    }

    // MARK: ending

    /// Hangs up on a worker that has nothing to do any more: it ends by itself, and nobody waits for it.
    mutating func retire(_ id: WorkerID) { workers[id] = nil }

    /// Whether this descriptor is one of ours: others are registered with the same poller.
    func knows(_ event: Poller.Event) -> Bool {
        if event.tag == -1 { return zygotes[event.fd] != nil }
        return workers[WorkerID(UInt32(event.tag))]?.socket.raw == event.fd
    }

    /// Whether a worker runs something.
    func isBusy(_ engine: Engine) -> Bool {
        engine.running.contains { !$0.tasks.isEmpty && workers[$0.worker] != nil }
    }

    /// Ends a worker's group for taking too long: nothing that it says from now on counts, only its end.
    mutating func condemn(_ id: WorkerID, _ signal: Int32) {
        guard let worker = workers[id] else { return }
        workers[id]!.isCondemned = true
        Signals.send(signal, toGroup: worker.pid)
    }

    func signalAll(_ signal: Int32) {
        for worker in workers.values where worker.endedAt == nil { Signals.send(signal, toGroup: worker.pid) }
    }

    /// Hangs up on every worker: idle ones end by themselves.
    mutating func close() {
        // one may have been lost since the last look
        for fd in Array(zygotes.keys) { readNotices(fd) }
        workers.removeAll()
        zygotes.removeAll()
    }
}

extension Socket.Received {
    fileprivate var isBytes: Bool {
        if case .bytes = self { return true }
        return false
    }
}
