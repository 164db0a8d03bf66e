import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRuntime

/// What the system keeps of ended jobs, and when it is told that nobody wants it.
@Suite struct JobDiscardsTests {
    @Test func whatIsCollectedTheSystemIsToldToForget() throws {
        let bench = try JobBench()
        bench.batch.keepsFiles = true
        bench.begin()
        bench.start(7, 8)
        #expect(tasks(try bench.end()) == [7, 8])
        bench.remote.close()
        #expect(bench.batch.discarded.map(\.index).sorted() == [0, 1])
        #expect(bench.batch.keys.isEmpty && bench.ledger.how("t1") == ["finished", "finished"])
    }

    @Test func ofALostJobTheSystemKeepsWhatItHas() throws {
        let bench = try JobBench()
        bench.batch.keepsFiles = true
        bench.leavesResults = false
        bench.begin()
        bench.start(7)
        #expect(try bench.end().first?.kind == .workerLost)
        bench.remote.close()
        #expect(bench.batch.discarded.isEmpty)
    }

    @Test func whatTheSystemDoesNotForgetIsNoFailure() throws {
        let bench = try JobBench()
        bench.batch.keepsFiles = true
        bench.batch.inject(.late("no route to host"), on: .discard)
        bench.begin()
        bench.start(7)
        #expect(try bench.end().first?.frame?.kind == .done)
        _ = try bench.turn()
        #expect(bench.remote.takeNotes().contains { $0.hasSuffix("removed for their age: no route to host") })
        bench.remote.close()
    }

    @Test func nothingIsForgottenThatTheLedgerHasOpen() throws {
        let bench = try JobBench()
        bench.batch.keepsFiles = true
        bench.begin()
        bench.start(7)
        while bench.batch.keys.isEmpty || !bench.batch.isOver(bench.batch.keys[0]) { _ = try bench.turn() }
        #expect(bench.batch.discarded.isEmpty)
        bench.begin()  // the driver is killed, the next one goes on
        bench.start(7)
        #expect(tasks(try bench.end()) == [7])
        bench.remote.close()
        #expect(bench.batch.arrays.count == 1 && bench.batch.discarded.count == 1)
    }
}
