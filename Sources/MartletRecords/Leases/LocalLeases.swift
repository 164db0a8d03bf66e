import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// Leases on a file system of one machine. A run holds a lock on its claims file, and so do the processes forked from it:
/// when the last of them is gone the kernel gives the lock up, and what was claimed is free at once.
public final class LocalLeases: LeaseTable {
    private var book: ClaimBook
    private let gate: LeaseGate
    /// The gate's turns when the run began; nil when unknown.
    private var observed: UInt64?
    private var claimed: (tasks: [TaskDigest], startingNow: Int)?
    private var answered: [LeaseAnswer]?
    /// Tasks that ended, to be written with the next claim while nobody waits for them.
    private var unwritten: [TaskDigest] = []
    public private(set) var due: UInt64?

    /// Nanoseconds after which a claim is tried again when the gate was shut.
    private static let again: UInt64 = 20_000_000
    private static let mostUnwritten = 512

    public init(directory: String, enclosing: [EnclosingRun] = []) {
        book = ClaimBook(directory: directory, enclosing: enclosing)
        gate = LeaseGate(directory: directory)
    }

    public var answersAtOnce: Bool { true }
    public var name: String? { book.own?.name }

    public func observe() {
        observed = gate.turns()
        book.observe(LocalLeases.isAlive)
    }

    public func join(now: UInt64) throws(Diagnostic) {
        let entered = try asking(book.directory) { () throws(SystemError) -> Descriptor in
            try Directory.make(book.directory)
            // held by others for microseconds; a run that was stopped in them is waited for
            while true { if let entered = try gate.enter() { return entered } }
        }
        defer { withExtendedLifetime(entered) {} }
        book.isStale = observed == nil || observed != gate.turns()
        try book.read(0, LocalLeases.isAlive)
        if book.hasLostOthers { book.isStale = true }
        if !book.hasLiveOthers && !book.isStale { book.sweep() }
        let own = try book.open()
        try asking(own.path) { () throws(SystemError) in
            guard try FileLock.take(own.file) else { throw SystemError(EAGAIN, "lock", own.path) }
            try gate.turn()
        }
        try own.append(ClaimHeader.forThisProcess().line)
    }

    private func asking<T>(_ subject: String, _ body: () throws(SystemError) -> T) throws(Diagnostic) -> T {
        do throws(SystemError) { return try body() } catch {
            throw Diagnostic(.leaseUnavailable, subject: subject, cause: error.text)
        }
    }

    private static func isAlive(_ other: OtherRun) throws(SystemError) -> Bool {
        try FileLock.isHeld(try File.openReading(other.path))
    }

    public func claim(_ tasks: [TaskDigest], startingNow: Int, now: UInt64) throws(Diagnostic) {
        claimed = (tasks, startingNow)
        try attempt(now)
    }

    public func answers(now: UInt64) throws(Diagnostic) -> [LeaseAnswer]? {
        if claimed != nil { try attempt(now) }
        defer { answered = nil }
        return answered
    }

    private func attempt(_ now: UInt64) throws(Diagnostic) {
        guard let (tasks, startingNow) = claimed, let own = book.own else { return }
        let entered = try asking(gate.path) { () throws(SystemError) in try gate.enter() }
        guard entered != nil else {
            due = now + LocalLeases.again
            return
        }
        defer { withExtendedLifetime(entered) {} }
        (claimed, due) = (nil, nil)
        try book.read(0, LocalLeases.isAlive)
        let answers = tasks.map { book.answer(for: $0) }
        var bytes: [UInt8] = []
        ClaimRecord.append(.done, unwritten[...], to: &bytes)
        ClaimRecord.appendClaims(
            tasks.granted(answers, 0..<startingNow), ahead: tasks.granted(answers, startingNow..<tasks.count),
            at: SystemClock().wall(), to: &bytes)
        try own.append(bytes)
        unwritten = []
        answered = answers
    }

    public func release(done: [TaskDigest], undone: [TaskDigest]) throws(Diagnostic) {
        guard let own = book.own else { return }
        unwritten += done
        // while nobody else is there, nobody waits for it
        guard !undone.isEmpty || book.hasOthers || unwritten.count >= LocalLeases.mostUnwritten else { return }
        var bytes: [UInt8] = []
        ClaimRecord.append(.done, unwritten[...], to: &bytes)
        ClaimRecord.append(.returned, undone[...], to: &bytes)
        try own.append(bytes)
        unwritten = []
    }

    public func look(_ tasks: [TaskDigest], now: UInt64) throws(Diagnostic) -> [LeaseStanding] {
        try book.read(0, LocalLeases.isAlive)
        return tasks.map { book.standing(of: $0) }
    }

    public func end(processesLeft: Bool) {
        guard let own = book.own else { return }
        defer {
            own.file.close()
            book.close()
        }
        if processesLeft { return }
        do throws(Diagnostic) {
            let entered = try asking(gate.path) { () throws(SystemError) in try gate.enter() }
            defer { withExtendedLifetime(entered) {} }
            if entered != nil { try leave(own) }
            FileLock.give(own.file)
            try asking(gate.path) { () throws(SystemError) in try gate.turn() }
        } catch {
            // what is claimed ends with the lock; whoever comes next sweeps
            FileLock.give(own.file)
        }
    }

    /// The last one to go sweeps; else the others may have to read what was claimed here.
    private func leave(_ own: ClaimFile) throws(Diagnostic) {
        try book.read(0, LocalLeases.isAlive)
        if book.hasLiveOthers {
            var bytes: [UInt8] = []
            ClaimRecord.append(.done, unwritten[...], to: &bytes)
            try own.append(bytes)
        } else {
            book.sweep()
            own.remove()
        }
    }
}

extension Array<TaskDigest> {
    /// Of a range of claimed tasks those that are ours.
    func granted(_ answers: [LeaseAnswer], _ range: Range<Int>) -> ArraySlice<TaskDigest> {
        let ours = range.compactMap { place -> TaskDigest? in
            if case .held = answers[place] { return nil }
            return self[place]
        }
        return ours[...]
    }
}
