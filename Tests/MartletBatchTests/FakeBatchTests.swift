import MartletModel
import MartletPorts
import MartletTesting
import Testing

@Suite struct FakeBatchTests {
    private let batch = FakeBatch()

    @Test func keepsTheContract() {
        let found = batchContract(directory: "/", hasQueues: true, now: { 0 }, pause: batch.step) { batch.desk() }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func keepsTheContractWhenItIsSlow() {
        for operation in BatchQuestion.Kind.allCases { batch.inject(.slow(looks: 5), on: operation, times: 3) }
        let found = batchContract(directory: "/", now: { 0 }, pause: batch.step) { batch.desk() }
        #expect(found.isEmpty, "\(found)")
    }

    /// The contract sees every kind of misbehaviour that it can: it is no formality.
    @Test(arguments: [
        (FakeBatch.Fault.refuse("no"), BatchQuestion.Kind.submit), (.actAndDoubt("lost"), .submit), (.swallow, .submit),
        (.half("lost"), .submit), (.unreachable, .list), (.partial, .list), (.refuse("no"), .cancel),
        (.actAndDoubt("lost"), .cancel),
    ])
    func theContractSeesFaults(fault: FakeBatch.Fault, operation: BatchQuestion.Kind) {
        batch.inject(fault, on: operation)
        let found = batchContract(directory: "/", now: { 0 }, pause: batch.step) { batch.desk() }
        #expect(!found.isEmpty)
    }
}
