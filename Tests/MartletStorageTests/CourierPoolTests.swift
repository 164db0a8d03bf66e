import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Synchronization
import Testing

@testable import MartletStorage

/// Couriers that are shells, and behave as no courier should.
@Suite(.serialized) struct CourierPoolTests {
    private let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("couriers") }

    /// Takes the client's greeting in, and greets as a courier does.
    private let greeting = """
        dd bs=65536 count=1 <&3 >/dev/null 2>&1
        printf '\\021\\0\\0\\0\\015\\0\\0\\0{"version":1}' >&3

        """
    private let takeRequest = "dd bs=65536 count=1 <&3 >/dev/null 2>&1\n"
    /// That one target is absent.
    private let absent = "printf '\\062\\0\\0\\0\\056\\0\\0\\0{\"answers\":[{\"error\":\"absent\",\"message\":\"m\"}]}' >&3\n"

    /// A pool whose couriers run this script; each leaves a line in `starts`.
    private func pool(
        _ script: String, patience: Double = 60, longestRequest: Int = CourierFrame.longest
    ) -> CourierPool {
        let pool = CourierPool(longestRequest: longestRequest)
        pool.launch(
            by: ["python": ["/bin/sh", "-c", "echo >>\(scratch.path)/starts\n" + script]], patience: patience)
        return pool
    }

    private func storage(_ pool: CourierPool, attention: @escaping Attention = { false }) -> CourierStorage {
        CourierStorage(pool, swiftSchemes: [], attention: attention)
    }

    private func starts() throws -> Int { try File.read("\(scratch.path)/starts").count }

    private func error<T>(_ answers: [Result<T, StorageError>]) -> StorageError? {
        if case .failure(let error)? = answers.first { return error }
        return nil
    }

    private let target = TargetRef("any://host/x")

    @Test func aCourierIsAskedAgainAndAgain() throws {
        let pool = pool(greeting + "while :; do \(takeRequest)\(absent)done")
        for _ in 0..<3 { #expect(error(storage(pool).stat([target])) == StorageError(.absent, "m")) }
        #expect(try starts() == 1)
        pool.settings(.array([.object([JSONMember("url", .string("any://other"))])]))
        #expect(error(storage(pool).stat([target]))?.kind == .absent)
        #expect(try starts() == 2, "a courier with older settings was asked")
        pool.endIdle()
    }

    @Test func aRequestThatIsTooLongIsRefusedInWordsAndTheCourierIsAskedAgain() throws {
        let pool = pool(greeting + "while :; do \(takeRequest)\(absent)done", longestRequest: 500)
        let storage = storage(pool)
        guard case .failure(let refusal) = storage.put([UInt8](repeating: 0, count: 600), besides: target) else {
            Issue.record("it was sent")
            return
        }
        #expect(refusal.kind == .unsupported && refusal.message.contains("too many at once"))
        #expect(error(storage.stat([target]))?.kind == .absent)
        #expect(try starts() == 1)
        pool.endIdle()
    }

    @Test func whatIsReadComesInPieces() throws {
        let four = "printf '\\041\\0\\0\\0\\031\\0\\0\\0{\"answers\":[{\"ok\":true}]}abcd' >&3\n"
        let pool = pool(greeting + "while :; do \(takeRequest)\(four)done")
        var storage = storage(pool)
        storage.piece = 4
        #expect(storage.read(target, offset: 0, count: 8) == .success(Array("abcdabcd".utf8)))
        storage.piece = 5
        #expect(storage.read(target, offset: 0, count: 8) == .success(Array("abcd".utf8)), "beyond its end it was asked")
        pool.endIdle()
    }

    @Test func oneThatIsExpectedIsTheOneThatIsAsked() throws {
        let pool = pool(greeting + "while :; do \(takeRequest)\(absent)done")
        let storage = storage(pool)
        for _ in 0..<2 { storage.expect(target) }
        // what it is told is what counts when it is asked
        pool.settings(.array([.object([JSONMember("url", .string("any://other"))])]))
        #expect(error(storage.stat([target]))?.kind == .absent)
        storage.expect(target)
        #expect(error(storage.stat([target]))?.kind == .absent)
        #expect(try starts() == 1)
        pool.endIdle()
    }

    @Test func oneThatIsExpectedAndDiesIsReplaced() throws {
        let pool = pool("echo $$ >>\(scratch.path)/pids\n" + greeting + takeRequest + absent + "exec sleep 1000")
        storage(pool).expect(target)
        let pid = try #require(try awaitPIDs(1).first)
        #expect(Signals.send(SIGKILL, to: pid))
        while try Host.startTime(of: pid) != nil { sched_yield() }
        #expect(error(storage(pool).delete([target]))?.kind == .absent)
        #expect(try starts() == 2)
        pool.endIdle()
    }

    @Test func oneThatIsExpectedInVainEnds() throws {
        let pool = CourierPool()
        let script = "echo $$ >>\(scratch.path)/pids\n" + greeting + "while :; do \(takeRequest)\(absent)done"
        pool.launch(by: ["python": ["/bin/sh", "-c", script], "swift": ["/bin/sh", "-c", script]])
        let storage = CourierStorage(pool, swiftSchemes: ["swift"], attention: { false })
        storage.expect(TargetRef("swift://host/x"))
        let inVain = try #require(try awaitPIDs(1).first)
        #expect(error(storage.stat([target]))?.kind == .absent)
        #expect(kill(inVain, 0) == -1 && errno == ESRCH, "process \(inVain) is left")
        pool.endIdle()
        storage.expect(target)
        let last = try #require(try awaitPIDs(3).last)
        pool.endIdle()
        #expect(kill(last, 0) == -1 && errno == ESRCH, "process \(last) is left")
    }

    /// The numbers of the couriers that wrote them down, once there are so many.
    private func awaitPIDs(_ count: Int) throws -> [Int32] {
        while true {
            if try Directory.list(scratch.path).contains(where: { $0.name == "pids" }) {
                let lines = try File.read("\(scratch.path)/pids").split(separator: 10, omittingEmptySubsequences: false).dropLast()
                if lines.count >= count { return lines.compactMap { Int32(String(decoding: $0, as: UTF8.self)) } }
            }
            sched_yield()
        }
    }

    @Test func oneThatDoesNotStartSaysWhy() throws {
        let found = try #require(error(storage(pool("echo 'no such module'; exit 3")).stat([target])))
        #expect(found.kind == .unsupported)
        #expect(found.message.contains("exit status 3: no such module"), "\(found)")
        let none = CourierPool()
        none.launch(by: ["python": ["/no/such/program"]])
        #expect(error(storage(none).stat([target]))?.kind == .transient)
        #expect(error(storage(CourierPool()).stat([target]))?.kind == .unsupported)
    }

    @Test func whatDiesOverARequestIsReplacedOnceWhereThatIsSafe() throws {
        let pool = pool(greeting + takeRequest)
        let found = try #require(error(storage(pool).stat([target])))
        #expect(found.kind == .transient && found.message.contains("exit status 0"), "\(found)")
        #expect(try starts() == 2)
        #expect(error(storage(pool).delete([target]))?.kind == .transient)
        #expect(try starts() == 3, "what may have been done was asked for again")
    }

    @Test func oneThatDiedWithNothingToDoIsReplaced() throws {
        let pool = pool("echo $$ >\(scratch.path)/pid\n" + greeting + takeRequest + absent + "exec sleep 1000")
        #expect(error(storage(pool).stat([target]))?.kind == .absent)
        let digits = try File.read("\(scratch.path)/pid").dropLast()
        let pid = try #require(Int32(String(decoding: digits, as: UTF8.self)))
        #expect(Signals.send(SIGKILL, to: pid))
        while try Host.startTime(of: pid) != nil { sched_yield() }
        #expect(error(storage(pool).delete([target]))?.kind == .absent)
        #expect(try starts() == 2)
        pool.endIdle()
    }

    /// What it has started may live on with its end of the socket.
    @Test func oneThatLeavesChildrenBehindIsGoneAllTheSame() throws {
        let found = try #require(error(storage(pool(greeting + takeRequest + "sleep 30 & exit 4")).stat([target])))
        #expect(found.kind == .transient && found.message.contains("exit status 4"), "\(found)")
    }

    @Test func oneThatHangsIsGivenUp() throws {
        let found = try #require(error(storage(pool(greeting + "exec sleep 1000", patience: 0.3)).stat([target])))
        #expect(found.kind == .transient && found.message.contains("no answer"), "\(found)")
        #expect(try starts() == 1)
    }

    @Test(arguments: [
        "printf '\\377\\377\\377\\377\\0\\0\\0\\0' >&3", "printf '\\006\\0\\0\\0\\002\\0\\0\\0{}' >&3", "printf 'rubbish, a lot' >&3",
    ])
    func whatIsNoAnswerSaysNothingOfTheStore(answer: String) throws {
        let found = try #require(error(storage(pool(greeting + takeRequest + answer + "\nexec sleep 1000")).stat([target])))
        #expect(found.kind == .transient && found.message.contains("not understood"), "\(found)")
    }

    @Test func whoeverIsInterruptedWaitsNoLonger() throws {
        let looks = LookCount()
        let storage = storage(pool(greeting + "exec sleep 1000")) { looks.next() > 2 }
        #expect(error(storage.stat([target])) == StorageError(.transient, "interrupted"))
    }

    @Test func whatAFetchLeftIsClearedAway() throws {
        let partial = "\(scratch.path)/.x.tmp"
        let pool = pool(greeting + takeRequest + "echo half >\(partial)\n")
        let fetched = storage(pool).fetch([Transfer(target, local: "\(scratch.path)/x", partial: partial)]) { _ in }
        #expect(error(fetched)?.kind == .transient)
        #expect(try Directory.list(scratch.path).map(\.name) == ["starts"])
    }

    /// A host that cannot be reached is asked once in a planning.
    @Test func aDeadHostIsNotAskedAgainInAPlanning() throws {
        let pool = pool(greeting + "exec sleep 1000", patience: 0.2)
        let planning = PlanningID.fresh()
        for _ in 0..<3 {
            let looked = storage(pool).look([target, TargetRef("any://host/y")], while: planning)
            guard case .unknown(let error) = looked[1] else { Issue.record("\(looked)"); return }
            #expect(error.kind == .transient)
        }
        #expect(try starts() == 1)
        _ = storage(pool).look([target], while: .fresh())
        #expect(try starts() == 2)
    }

    @Test func nothingIsLeftBehind() throws {
        func descriptors() throws -> Int { try Directory.list("/proc/self/fd").count }
        let before = try descriptors()
        for script in [
            greeting + takeRequest + absent + "exec sleep 1000", greeting + takeRequest, "exit 1",
            greeting + takeRequest + "printf 'rubbish, a lot' >&3; exec sleep 1000",
        ] {
            let pool = pool("echo $$ >>\(scratch.path)/pids\n" + script, patience: 5)
            _ = storage(pool).stat([target])
            pool.endIdle()
        }
        #expect(try descriptors() <= before)
        let pids = try File.read("\(scratch.path)/pids").split(separator: UInt8(ascii: "\n"))
        #expect(pids.count >= 4)
        for digits in pids {
            let pid = try #require(Int32(String(decoding: digits, as: UTF8.self)))
            // one that was not awaited could still be signalled
            #expect(kill(pid, 0) == -1 && errno == ESRCH, "process \(pid) is left")
        }
    }
}

private final class LookCount: Sendable {
    private let count = Atomic<Int>(0)
    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
