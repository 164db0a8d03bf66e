import MartletModel
import MartletPorts
import MartletTesting
import Testing

@Suite struct FakeBatchTests {
    private func describe(_ tag: String, _ command: [String] = ["true"]) -> JobDescription {
        JobDescription(tag: tag, command: command, directory: "/", log: "/log")
    }

    @Test func keepsTheContract() {
        let batch = FakeBatch()
        let found = batchContract(directory: "/", pause: batch.step) { batch }
        #expect(found.isEmpty, "\(found)")
    }

    /// The contract sees every kind of misbehaviour that it can: it is no formality.
    @Test(arguments: [
        (FakeBatch.Fault.refuse(BatchError(.refused, "no")), FakeBatch.Operation.submit),
        (.actAndFail(BatchError(.transient, "lost")), .submit), (.swallow, .submit), (.unreachable, .query),
        (.partial, .find), (.unreachable, .find), (.refuse(BatchError(.transient, "no")), .cancel),
    ])
    func theContractSeesFaults(fault: FakeBatch.Fault, operation: FakeBatch.Operation) {
        let batch = FakeBatch()
        batch.inject(fault, on: operation)
        #expect(!batchContract(directory: "/", pause: batch.step) { batch }.isEmpty)
    }

    @Test func acceptedButSaidToHaveFailed() throws {
        let batch = FakeBatch()
        batch.inject(.actAndFail(BatchError(.transient, "timeout")), on: .submit)
        #expect(throws: BatchError.self) { try batch.submit([describe("a")])[0].get() }
        #expect(batch.submissions(of: "a") == 1)
        #expect(try batch.find(tags: ["a"]).count == 1)
    }

    @Test func losesDelaysAndLies() throws {
        let batch = FakeBatch()
        batch.inject(.delay(steps: 2), on: .submit)
        let ids = try batch.submit([describe("slow"), describe("run", ["sleep", "9"])]).map { try $0.get() }
        batch.step()
        #expect(try batch.query(ids) == [.pending, .running])
        batch.inject(.forget, on: .query)
        #expect(try batch.query(ids) == [.pending, .lost])
        batch.inject(.partial, on: .query)
        batch.inject(.partial, on: .find)
        #expect(try batch.query(ids.reversed()) == [.running, .lost])
        #expect(try batch.find(tags: ["slow", "run"]) == ["slow": ids[0]])
        batch.step()
        batch.step()
        #expect(try batch.query(ids) == [.running, .running])
        batch.end("run", as: .lost)
        #expect(try batch.query(ids) == [.running, .lost])
    }

    @Test func idsAreUsedAgain() throws {
        let batch = FakeBatch()
        let old = try batch.submit([describe("old")])[0].get()
        batch.step()
        batch.step()
        #expect(try batch.query([old]) == [.finished])
        batch.inject(.reuseID, on: .submit)
        #expect(try batch.submit([describe("new")])[0].get() == old)
        #expect(try batch.query([old]) == [.pending], "the id speaks of the newer job")
    }

    @Test func clockStandsUntilTold() {
        let clock = ManualClock(epoch: 5)
        #expect(clock.monotonic() == 0 && clock.wall() == 5)
        clock.advance(seconds: 1.5)
        #expect(clock.monotonic() == 1_500_000_000 && clock.wall() == 1_500_000_005)
    }
}
