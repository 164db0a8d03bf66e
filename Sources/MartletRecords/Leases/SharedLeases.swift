import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// Leases on a file system that several machines see, whose locks may not reach them and whose files appear there late.
///
/// A claim is a bid: it is written, and counts when it has had time to be seen everywhere. Of two bids for one task the
/// later one's writer sees the earlier bid before its own counts, whatever the clocks say; so never do both count. Of two
/// who see each other the one with the greater name takes its bid back, and the other waits for that. Whether a run is
/// alive is told by a file that a process of its own changes (`Heartbeat`).
public final class SharedLeases: LeaseTable {
    /// A claim that is not answered yet.
    private struct Bid {
        var tasks: [TaskDigest]
        /// nil: open.
        var answers: [LeaseAnswer?]
        var written: UInt64
        var decide: UInt64
        /// When those who met others' bids give up.
        var limit: UInt64 = .max
    }

    private var book: ClaimBook
    private let gate: LeaseGate
    private let watch: HeartbeatWatch
    private let timeout: UInt64
    private var observed: UInt64?
    /// The gate's turns just after this run had joined.
    private var joined: UInt64?
    /// Nothing is decided yet.
    private var isNew = true
    private var heartbeat: Heartbeat?
    /// Before this moment others may not know of this run, nor this run of what they claimed without knowing of it.
    private var known: UInt64 = .max
    private var bid: Bid?
    private var unwritten: [TaskDigest] = []
    private var flush: UInt64 = 0

    /// - Parameter directory: absolute.
    /// - Parameter timeout: nanoseconds without a heartbeat after which a run counts as dead.
    public convenience init(directory: String, timeout: UInt64, enclosing: [EnclosingRun] = []) {
        self.init(directory: directory, timeout: timeout, enclosing: enclosing) { (path, every) throws(SystemError) in
            try Heartbeat(path: path, every: every)
        }
    }

    /// How a heart is set going: at a path, to beat every so many nanoseconds. nil: somebody else sees to it.
    package typealias Heart = (String, UInt64) throws(SystemError) -> Heartbeat?
    private let heart: Heart

    package init(directory: String, timeout: UInt64, enclosing: [EnclosingRun], heart: @escaping Heart) {
        self.heart = heart
        book = ClaimBook(directory: directory, enclosing: enclosing, lag: timeout / 30)
        gate = LeaseGate(directory: directory)
        watch = HeartbeatWatch(timeout: timeout)
        self.timeout = timeout
    }

    /// How long a write may take to be seen everywhere, in nanoseconds.
    private var settling: UInt64 { timeout / 30 }

    public var answersAtOnce: Bool { false }
    public var name: String? { book.own?.name }

    public func observe() { observed = gate.turns() }

    public func join(now: UInt64) throws(Diagnostic) {
        try asking { () throws(SystemError) in try Directory.make(book.directory) }
        book.isStale = observed == nil || observed != gate.turns()
        let own = try book.open()
        try own.append(ClaimHeader.forThisProcess().line, synchronized: true)
        try asking { () throws(SystemError) in
            try gate.turn()
            try File.synchronizeDirectory(book.directory)
        }
        joined = gate.turns()
        try startHeart(own)
        known = now + 2 * settling
    }

    private func startHeart(_ own: ClaimFile) throws(Diagnostic) {
        heartbeat = try asking { () throws(SystemError) in
            try heart(HeartbeatWatch.path(of: own.path), timeout / 12)
        }
    }

    private func asking<T>(_ body: () throws(SystemError) -> T) throws(Diagnostic) -> T {
        do throws(SystemError) { return try body() } catch {
            throw Diagnostic(.leaseUnavailable, subject: book.directory, cause: error.text)
        }
    }

    private func read(_ now: UInt64) throws(Diagnostic) {
        try book.read(now) { (other) throws(SystemError) in watch.isAlive(other.path, now) }
    }

    // MARK: claiming

    public var due: UInt64? {
        if let bid { return bid.decide }
        return unwritten.isEmpty || !book.hasOthers ? nil : flush
    }

    public func claim(_ tasks: [TaskDigest], startingNow: Int, now: UInt64) throws(Diagnostic) {
        guard let own = book.own else { return }
        if heartbeat?.hasEnded == true { try startHeart(own) }
        try read(now)
        // who claimed before goes before; only bids that are made at the same time meet
        let held = tasks.map { task in book.holder(of: task).map { LeaseAnswer.held($0) } }
        let free = tasks.indices.filter { held[$0] == nil }
        var bytes = takeUnwritten()
        ClaimRecord.appendClaims(
            free.filter { $0 < startingNow }.map { tasks[$0] }[...],
            ahead: free.filter { $0 >= startingNow }.map { tasks[$0] }[...], at: SystemClock().wall(), to: &bytes)
        try own.append(bytes, synchronized: true)
        bid = Bid(tasks: tasks, answers: held, written: now, decide: max(known, book.hasLiveOthers ? now + settling : now))
    }

    public func answers(now: UInt64) throws(Diagnostic) -> [LeaseAnswer]? {
        guard var bid else {
            if let due, now >= due { try write(now) }
            return nil
        }
        guard now >= bid.decide else { return nil }
        try read(now)
        if isNew && joined != gate.turns() {
            // others have come or gone: what they made may be seen later than that
            (isNew, book.isStale, known) = (false, true, now + settling)
            self.bid?.decide = known
            return nil
        }
        isNew = false
        if book.hasLiveOthers && now < bid.written + settling {
            // one has appeared who may not have seen the bid yet
            self.bid?.decide = bid.written + settling
            return nil
        }
        bid.limit = min(bid.limit, now + 5 * settling)
        var returned: [TaskDigest] = []
        for (place, task) in bid.tasks.enumerated() where bid.answers[place] == nil {
            let answer = book.answer(for: task)
            if case .held = answer {
                if book.comesBefore(task) && now < bid.limit { continue }
                returned.append(task)
            }
            bid.answers[place] = answer
        }
        var bytes: [UInt8] = []
        ClaimRecord.append(.returned, returned[...], to: &bytes)
        try book.own?.append(bytes, synchronized: true)
        let answers = bid.answers.compactMap(\.self)
        bid.decide = now + settling / 4
        self.bid = answers.count == bid.tasks.count ? nil : bid
        return self.bid == nil ? answers : nil
    }

    // MARK: giving back

    public func release(done: [TaskDigest], undone: [TaskDigest]) throws(Diagnostic) {
        unwritten += done
        guard let own = book.own, !undone.isEmpty else { return }
        var bytes = takeUnwritten()
        ClaimRecord.append(.returned, undone[...], to: &bytes)
        try own.append(bytes, synchronized: true)
    }

    /// Others learn of what was run within a settling time, not of each task at once.
    private func write(_ now: UInt64) throws(Diagnostic) {
        try book.own?.append(takeUnwritten(), synchronized: true)
        flush = now + settling
    }

    private func takeUnwritten() -> [UInt8] {
        var bytes: [UInt8] = []
        ClaimRecord.append(.done, unwritten[...], to: &bytes)
        unwritten = []
        return bytes
    }

    public func look(_ tasks: [TaskDigest], now: UInt64) throws(Diagnostic) -> [LeaseStanding] {
        try read(now)
        return tasks.map { book.standing(of: $0) }
    }

    public func end(processesLeft: Bool) {
        guard let own = book.own else { return }
        defer {
            heartbeat?.end(processesLeft: processesLeft)
            heartbeat = nil
            own.file.close()
            book.close()
        }
        if processesLeft { return }
        do throws(Diagnostic) {
            var bytes = takeUnwritten()
            ClaimRecord.append(.ended, [TaskDigest(raw: 0)], to: &bytes)
            try own.append(bytes, synchronized: true)
            try asking { () throws(SystemError) in try gate.turn() }
            // nothing is decided by it but who sweeps: who said that it has ended has
            try book.read(.max / 2) { (other) throws(SystemError) in !other.isGone }
        } catch {
            return  // others find it dead when its heart has stopped for long enough
        }
        if !book.hasLiveOthers {
            book.sweep()
            own.remove()
        }
    }
}
