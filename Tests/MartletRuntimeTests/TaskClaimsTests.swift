import MartletEngine
import MartletModel
import MartletPorts
import Testing

@testable import MartletRuntime

/// Answers claims as it was told to, and notes what it was asked.
private final class TableOfAnswers: LeaseTable {
    var next: [LeaseAnswer] = []
    var standing: [LeaseStanding] = []
    private(set) var looked: [[TaskDigest]] = []
    private(set) var released: (done: [TaskDigest], undone: [TaskDigest]) = ([], [])
    private var isAsked = false

    let answersAtOnce = true
    let name: String? = "this"
    let due: UInt64? = nil
    func observe() {}
    func join(now: UInt64) {}
    func claim(_ tasks: [TaskDigest], startingNow: Int, now: UInt64) { isAsked = true }
    func answers(now: UInt64) -> [LeaseAnswer]? {
        defer { isAsked = false }
        return isAsked ? next : nil
    }
    func release(done: [TaskDigest], undone: [TaskDigest]) {
        released.done += done
        released.undone += undone
    }
    func look(_ tasks: [TaskDigest], now: UInt64) -> [LeaseStanding] {
        looked.append(tasks)
        return Array(standing.prefix(tasks.count))
    }
    func end(processesLeft: Bool) {}
}

@Suite struct TaskClaimsTests {
    private let table = TableOfAnswers()
    private let other = LeaseHolder(host: "lxplus801", pid: 4711)

    private func digest(_ i: Int) -> TaskDigest { TaskDigest(raw: UInt64(100 + i)) }

    /// A task 0 that needs 1: the one waits, the other is ready. Both are claimed at once, as a chain is.
    private func chain() -> Engine {
        var engine = Engine(Settings(claims: ClaimSettings()))
        _ = engine.handle([
            .planned([
                PlannedTask(TaskIndex(0), .outputAbsent, dependencies: [TaskIndex(1)]),
                PlannedTask(TaskIndex(1), .outputAbsent),
            ]),
            .planEnded(roots: [TaskIndex(0)], until: []),
        ])
        #expect(engine.states == [.waiting, .ready])
        return engine
    }

    private func claimed(_ answers: [LeaseAnswer], _ engine: Engine) throws -> (claims: TaskClaims, events: [Event]) {
        table.next = answers
        var claims = TaskClaims(table)
        claims.want([TaskIndex(1), TaskIndex(0)], startingNow: 1)
        let events = try claims.claim([digest(1), digest(0)], engine, now: 0)
        return (claims, events)
    }

    @Test func ofWhatOthersHoldOnlyWhatIsReadyIsWatched() throws {
        let engine = chain()
        var (claims, events) = try claimed([.held(other), .held(other)], engine)
        #expect(events == [.claimed([]), .heldElsewhere([TaskIndex(1), TaskIndex(0)])])
        // the one that waits is asked for again when its turn comes: to watch it too would look at its outputs for nothing
        #expect(claims.held == [TaskIndex(1): other])
        table.standing = [.free(other, done: true)]
        _ = try claims.turn(engine, now: 1 << 40)
        #expect(table.looked == [[digest(1)]])
        #expect(claims.toLookAt == [TaskIndex(1)])
    }

    @Test func whatOthersHadToDoWithIsLookedAtBeforeItIsOurs() throws {
        let engine = chain()
        var (claims, events) = try claimed([.oursAfter(other, done: false), .ours], engine)
        #expect(events == [.claimed([TaskIndex(0)]), .heldElsewhere([])])
        #expect(claims.toLookAt == [TaskIndex(1)] && claims.hadOthers(TaskIndex(1)))
        #expect(claims.looked([.outputAbsent]).first == .claimed([TaskIndex(1)]))
        #expect(claims.toLookAt.isEmpty)
    }

    @Test func whatOthersMadeIsToldWithItsMaker() throws {
        let engine = chain()
        var (claims, _) = try claimed([.oursAfter(other, done: true), .ours], engine)
        #expect(claims.looked([.complete]).contains(.madeElsewhere([TaskIndex(1)])))
        #expect(claims.notes == ["1 task was made by another run (pid 4711 on lxplus801) while this one was under way"])
        // the engine gives it back; it did not run here
        try claims.release([TaskIndex(1)], engine)
        #expect(table.released.done.isEmpty && table.released.undone == [digest(1)])
    }

    @Test func whatOthersMadeCountsOnceHoweverOftenItIsLookedAt() throws {
        let engine = chain()
        var (claims, _) = try claimed([.oursAfter(other, done: true), .oursAfter(other, done: true)], engine)
        _ = claims.looked([.complete, .complete])
        // the one that waited is claimed and looked at again when its turn comes
        claims.want([TaskIndex(0)], startingNow: 1)
        table.next = [.oursAfter(other, done: true)]
        _ = try claims.claim([digest(0)], engine, now: 0)
        _ = claims.looked([.complete])
        #expect(claims.notes == ["2 tasks were made by another run (pid 4711 on lxplus801) while this one was under way"])
    }

    @Test func whatCannotBeLookedAtIsNotRun() throws {
        let engine = chain()
        var (claims, _) = try claimed([.oursAfter(nil, done: false), .ours], engine)
        let events = claims.looked([.broken])
        #expect(events.contains(.unreachable([TaskIndex(1)])) && events.first == .claimed([]))
    }
}
