import Glibc
import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRuntime

/// Keeps records in memory; can be full.
final class MemoryRecords: RecordStore {
    private(set) var segment = "memory"
    private(set) var lines: [String] = []
    /// Lines that belong to segments before this one.
    private var before = 0
    var isFull = false
    /// How many more lines there is room for.
    var room = Int.max
    func moment(at time: Int64) -> Int64? { nil }
    func append(lines new: [[UInt8]]) throws(Diagnostic) -> UInt64 {
        if isFull || new.count > room {
            throw Diagnostic(.recordUnwritable, subject: "memory", cause: "No space left on device")
        }
        room -= new.count
        lines += new.map { String(decoding: $0, as: UTF8.self) }
        return UInt64(lines.count - before)
    }
    func settle() throws(Diagnostic) {}
    func moveOn(to other: String) { (segment, before) = (other, lines.count) }
}

/// A driver with adapters in memory, and the far ends of its workers' sockets.
private final class Bench {
    let records = MemoryRecords()
    let driver: Driver
    var far: [UInt32: Descriptor] = [:]
    var notices: Descriptor?

    init(slots: Int = 1, here: Bool, failFast: Bool = false, clock: any Clock = SystemClock()) throws {
        let records = self.records
        driver = Driver(
            try DriverOptions(json: #"{"slots":\#(slots),"fail_fast":\#(failFast),"here":\#(here)}"#),
            Adapters(
                reports: { _, _ in records }, ledger: { _, _ in MemoryLedger() }, batchSystem: { name, _, _ throws(Diagnostic) in throw Diagnostic(.batchUnknown, subject: name) },
                sandbox: { text throws(Diagnostic) in throw Diagnostic(.sandboxUnknown, subject: text) },
                stores: Stores([]), clock: clock))
    }

    func plan(_ tasks: [PlannedTask]) throws {
        driver.plan(tasks)
        #expect(driver.planned(roots: [TaskIndex(0)], until: []).isEmpty)
        try driver.openRecords(state: "/nowhere", logs: "/nowhere/logs", head: .null)
    }

    func join(_ id: UInt32) throws {
        let (near, other) = try Socket.pair()
        far[id] = other
        // the pid of nobody: signalling it must do nothing
        driver.addWorker(WorkerID(id), socket: Descriptor(near.release()), pid: -1, knows: 0)
    }

    /// What a worker was told since it was asked before: task, verb, description.
    func messages(_ id: UInt32) throws -> [(UInt32, UInt32, String)] {
        var bytes: [UInt8] = []
        guard let socket = far[id], case .bytes = try Socket.receive(socket.raw, into: &bytes) else { return [] }
        var messages: [(UInt32, UInt32, String)] = []
        var at = 0
        while at < bytes.count {
            let numbers = bytes.withUnsafeBytes { raw in
                (0..<3).map { raw.loadUnaligned(fromByteOffset: at + 4 * $0, as: UInt32.self) }
            }
            let end = at + 12 + Int(numbers[2])
            messages.append((numbers[0], numbers[1], String(decoding: bytes[at + 12..<end], as: UTF8.self)))
            at = end
        }
        return messages
    }

    func leases(_ id: UInt32) throws -> [UInt32] { try messages(id).filter { $0.1 == 0 }.map(\.0) }

    func answer(_ id: UInt32, _ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { raw in try Socket.sendAll(far[id]!.raw, raw) }
    }

    func frame(_ bytes: [UInt8]) throws -> OutcomeFrame {
        var bytes = bytes
        return try OutcomeFrame.readAll(&bytes)[0]
    }
}

private func task(_ i: Int, needs: [Int] = []) -> PlannedTask {
    PlannedTask(TaskIndex(i), .outputAbsent, dependencies: needs.map { TaskIndex($0) })
}

@Suite struct DriverTests {
    @Test func runsTasksInTheCallingProcessOneAfterAnother() throws {
        let bench = try Bench(here: true)
        try bench.plan([task(0, needs: [1]), task(1)])
        #expect(bench.driver.advance([], milliseconds: 0) == [.runHere(TaskIndex(1))])
        let next = bench.driver.advance([try bench.frame(frameBytes(1))], milliseconds: 0)
        #expect(next == [.runHere(TaskIndex(0))])
        #expect(bench.driver.advance([try bench.frame(frameBytes(0))], milliseconds: 0) == [.ended])
        #expect(bench.records.lines.count == 2)
        #expect(bench.records.lines[0].contains("\"why\":[\"outputAbsent\"]"))
    }

    @Test func givesTasksToWorkersAndTakesTheirAnswers() throws {
        let bench = try Bench(slots: 2, here: false)
        try bench.plan([task(0, needs: [1, 2]), task(1), task(2)])
        #expect(bench.driver.advance([], milliseconds: 0) == [.wantWorkers(2)])
        try bench.join(1)
        try bench.join(2)
        #expect(try bench.leases(1) == [1])
        #expect(try bench.leases(2) == [2])
        try bench.answer(1, frameBytes(1))
        try bench.answer(2, frameBytes(2))
        _ = bench.driver.advance([], milliseconds: 20)
        #expect(try bench.leases(1) + bench.leases(2) == [0])
        #expect(bench.driver.engine.states == [.running, .done, .done])
    }

    @Test func aLostWorkerIsItsTasksFailureWithTheSignalNamed() throws {
        let bench = try Bench(slots: 2, here: false)
        var once = task(0)
        once.terms = bench.driver.number(of: Terms(retry: .never))
        try bench.plan([once])
        try bench.join(1)
        let (near, zygote) = try Socket.pair()
        bench.driver.addZygote(socket: Descriptor(near.release()), knows: 0)
        _ = bench.driver.advance([], milliseconds: 0)
        bench.far[1]?.close()
        var notice = [UInt8](repeating: 0, count: 32)
        notice[0] = 1
        notice[4] = 11  // a wait status: ended by SIGSEGV
        try notice.withUnsafeBytes { raw in try Socket.sendAll(zygote.raw, raw) }
        #expect(bench.driver.advance([], milliseconds: 1000) == [.lost(TaskIndex(0))])
        let described = try bench.frame(frameBytes(0, .workerLost))
        #expect(bench.driver.advance([described], milliseconds: 0).contains(.ended))
        #expect(bench.driver.engine.states == [.failed])
        #expect(bench.driver.summary().contains("SIGSEGV"))
        #expect(bench.records.lines[0].contains("SIGSEGV"))
    }

    @Test func aTaskThatTakesTooLongIsEndedWithItsWorker() throws {
        let bench = try Bench(slots: 1, here: true)
        var limited = task(0)
        limited.terms = bench.driver.number(of: Terms(lane: .apart, timeLimit: 0.02))
        try bench.plan([limited])
        #expect(bench.driver.advance([], milliseconds: 0) == [.wantWorkers(1)], "the driver runs it not itself")
        let (near, zygote) = try Socket.pair()
        bench.driver.addZygote(socket: Descriptor(near.release()), knows: 0)
        try bench.join(1)
        #expect(try bench.leases(1) == [0])
        #expect(bench.driver.advance([], milliseconds: 60).isEmpty)
        // it ends well after all: too late
        try bench.answer(1, frameBytes(0))
        #expect(bench.driver.advance([], milliseconds: 10).isEmpty)
        bench.far[1]?.close()
        var notice = [UInt8](repeating: 0, count: 32)
        notice[0] = 1
        notice[4] = 15
        try notice.withUnsafeBytes { raw in try Socket.sendAll(zygote.raw, raw) }
        #expect(bench.driver.advance([], milliseconds: 1000) == [.timedOut(TaskIndex(0))])
        let described = try bench.frame(frameBytes(0, .timedOut, text: "took longer"))
        #expect(bench.driver.advance([described], milliseconds: 0).contains(.ended))
        #expect(bench.driver.engine.reason(of: TaskIndex(0)).code == .timedOut)
        #expect(bench.driver.summary().contains("took longer"))
    }

    /// What was due later at one look at the clock is past at the next.
    @Test(arguments: [130_000, 370_000, 1_000_000, 2_300_000]) func theClockGoesOnBetweenTwoLooksAtIt(step: UInt64) throws {
        let bench = try Bench(slots: 2, here: false, clock: ManualClock(step: step))
        var limited = task(0)
        limited.terms = bench.driver.number(of: Terms(timeLimit: 0.02))
        try bench.plan([limited])
        try bench.join(1)
        for milliseconds in 0..<40 where bench.driver.engine.states == [.running] {
            _ = bench.driver.advance([], milliseconds: milliseconds % 5)
        }
        #expect(bench.driver.engine.states == [.running])
    }

    @Test func aWorkerThatSpeaksNonsenseIsGivenUp() throws {
        let bench = try Bench(slots: 2, here: false)
        try bench.plan([task(0)])
        try bench.join(1)
        try bench.answer(1, Array("this is no frame at all, it is text".utf8))
        #expect(bench.driver.advance([], milliseconds: 1000).contains(.lost(TaskIndex(0))))
    }

    @Test func whatCannotBeRecordedFails() throws {
        let bench = try Bench(here: true)
        try bench.plan([task(0, needs: [1]), task(1)])
        _ = bench.driver.advance([], milliseconds: 0)
        bench.records.isFull = true
        #expect(bench.driver.advance([try bench.frame(frameBytes(1))], milliseconds: 0) == [.ended])
        #expect(bench.driver.engine.states == [.blocked, .failed])
        #expect(bench.driver.summary().contains("No space left on device"))
    }

    @Test func ofAGroupThatCannotBeRecordedAsAWholeCountsWhatHasRoom() throws {
        let bench = try Bench(here: true)
        try bench.plan([task(0, needs: [1, 2, 3, 4])] + (1...4).map { task($0) })
        #expect(bench.driver.advance([], milliseconds: 0) == [.runHere(TaskIndex(1))])
        // the first told how short they are
        let ahead = bench.driver.advance([try bench.frame(frameBytes(1, wall: 0.001))], milliseconds: 0)
        #expect(ahead == [2, 3, 4].map { .runHere(TaskIndex($0)) })
        bench.records.room = 2
        #expect(bench.driver.advance(try [2, 3, 4].map { try bench.frame(frameBytes($0, wall: 0.001)) }, milliseconds: 0) == [.ended])
        #expect(bench.driver.engine.states == [.blocked, .done, .done, .done, .failed])
    }

    @Test func whatWasHandedOutAheadAndHasNotBegunWaitsAgain() throws {
        let bench = try Bench(here: true)
        try bench.plan([task(0, needs: [1, 2, 3])] + (1...3).map { task($0) })
        _ = bench.driver.advance([], milliseconds: 0)
        #expect(bench.driver.advance([try bench.frame(frameBytes(1, wall: 0.001))], milliseconds: 0).count == 2)
        bench.driver.interrupt(level: 1)
        bench.driver.giveBack([TaskIndex(3)])
        #expect(bench.driver.engine.states == [.withheld, .done, .running, .withheld])
        #expect(bench.driver.advance([try bench.frame(frameBytes(2, wall: 0.001))], milliseconds: 0) == [.ended])
    }

    @Test func aFailureThatIsTriedAgainIsNoEnding() throws {
        let bench = try Bench(here: true)
        var patient = task(0)
        patient.terms = bench.driver.number(of: Terms(retry: RetryPolicy(retries: [.raised: 1], delay: 0.001)))
        try bench.plan([patient])
        _ = bench.driver.advance([], milliseconds: 0)
        let failed = try bench.frame(frameBytes(0, .raised, text: "ValueError: no"))
        #expect(bench.driver.advance([failed], milliseconds: 1000) == [.runHere(TaskIndex(0))])
        #expect(bench.driver.snapshot().contains(#""failed":[]"#))
        #expect(bench.driver.advance([try bench.frame(frameBytes(0))], milliseconds: 0) == [.ended])
        #expect(bench.driver.summary().hasPrefix(#"{"endings":[]"#))
        #expect(bench.records.lines.count == 2 && bench.records.lines[1].contains(#""try":2"#))
    }

    @Test func aTaskThatAsksGoesOnInItsWorkerWhichLearnsWhatIsNew() throws {
        let bench = try Bench(slots: 2, here: false)
        try bench.plan([task(0), PlannedTask(TaskIndex(1), .complete), PlannedTask(TaskIndex(2), .complete)])
        try bench.join(1)
        #expect(try bench.leases(1) == [0])
        var asks = frameBytes(0, text: "[…]")
        asks[8] = 100
        try bench.answer(1, asks)
        #expect(bench.driver.advance([], milliseconds: 1000).contains(.asked(TaskIndex(0))))
        #expect(bench.driver.asked(by: TaskIndex(0)) == "[…]")
        bench.driver.teach(Array("what it is".utf8))
        bench.driver.plan([task(3)])
        bench.driver.suspend(TaskIndex(0), needs: [TaskIndex(3)])
        let told = try bench.messages(1)
        #expect(told.map(\.0) == [0, 3] && told.map(\.1) == [3, 0] && told[0].2 == "what it is")
        try bench.answer(1, frameBytes(3))
        _ = bench.driver.advance([], milliseconds: 20)
        let next = try bench.messages(1)
        #expect(next.map(\.0) == [0] && next.map(\.1) == [1])
        try bench.answer(1, frameBytes(0))
        #expect(bench.driver.advance([], milliseconds: 1000).contains(.ended))
        // asking is no end: two executions, two records
        #expect(bench.records.lines.count == 2)
    }

    @Test func aHintOfASuccessfulTaskIsKept() throws {
        let bench = try Bench(here: true)
        try bench.plan([task(0)])
        _ = bench.driver.advance([], milliseconds: 0)
        _ = bench.driver.advance([try bench.frame(frameBytes(0, text: "made nothing"))], milliseconds: 0)
        #expect(bench.driver.summary() == #"{"endings":[],"notes":[[0,"made nothing"]],"retried":[],"interrupted":false,"#
                + #""left":{"system":"","jobs":0,"tags":[],"tasks":[],"unsubmitted":0,"held":{},"delayed":0,"elsewhere":0,"#
                + #""cancelled":0}}"#)
    }

    @Test func aSandboxNobodyKnowsIsTheTasksFailure() throws {
        let bench = try Bench(here: true)
        var boxed = task(0)
        boxed.terms = bench.driver.number(of: Terms(lane: .child))
        try bench.plan([boxed])
        #expect(bench.driver.advance([], milliseconds: 0) == [.startChild(TaskIndex(0))])
        let request = try ProgramRequest(
            json: #"{"tag":"t","task":"A","command":["true"],"sandbox":"moon:base","directory":"/","log":"/dev/null","result":"/dev/null/x"}"#)
        bench.driver.startChild(TaskIndex(0), request)
        #expect(bench.driver.advance([], milliseconds: 0) == [.lost(TaskIndex(0))])
        _ = bench.driver.advance([try bench.frame(frameBytes(0, .workerLost))], milliseconds: 0)
        #expect(bench.driver.summary().contains("moon:base"))
    }

    @Test func aSecondAnswerForATaskIsPassedOver() throws {
        let bench = try Bench(here: true)
        try bench.plan([task(0)])
        _ = bench.driver.advance([], milliseconds: 0)
        let frame = try bench.frame(frameBytes(0))
        _ = bench.driver.advance([frame, frame], milliseconds: 0)
        #expect(bench.records.lines.count == 1)
    }
}
