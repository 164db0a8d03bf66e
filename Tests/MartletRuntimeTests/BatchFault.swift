import MartletPorts
import MartletTesting

/// Something that a batch system does wrong in a simulated history: what, on which question, how many times.
typealias BatchFault = (FakeBatch.Fault, BatchQuestion.Kind, times: Int)

/// One of the faults that every loop over a batch system has to bear, or one of some more.
/// - Parameter more: those that a suite has besides; each draws what it needs.
func batchFault(
    _ random: inout SeededRandom, or more: [(inout SeededRandom) -> BatchFault]
) -> BatchFault {
    let usual = 6, kind = Int.random(in: 0..<usual + more.count, using: &random)
    switch kind {
    case 0: return (.actAndDoubt("timed out"), .submit, 1)
    case 1: return (.doubt("connection refused"), .submit, 1)
    case 2: return (.half("broke off"), .submit, 1)
    case 3: return (.unreachable, .list, Int.random(in: 1...20, using: &random))
    case 4: return (.partial, .list, Int.random(in: 1...5, using: &random))
    case 5: return (.lag, .list, Int.random(in: 1...3, using: &random))
    default: return more[kind - usual](&random)
    }
}
