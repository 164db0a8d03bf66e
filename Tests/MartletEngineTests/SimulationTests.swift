import Glibc
import MartletTesting
import Testing

/// `MARTLET_SEEDS` plays that many histories, or `a-b` the histories from a to b.
private func seeds() -> ClosedRange<UInt64> {
    guard let text = getenv("MARTLET_SEEDS").map({ String(cString: $0) }) else { return 1...2000 }
    let bounds = text.split(separator: "-").compactMap { UInt64($0) }
    switch bounds.count {
    case 1: return 1...max(1, bounds[0])
    case 2: return bounds[0]...max(bounds[0], bounds[1])
    default: return 1...2000
    }
}

@Suite struct SimulationTests {
    @Test func everyHistoryKeepsTheInvariantsAndEnds() {
        for seed in seeds() {
            var history = Simulation(seed: seed)
            history.play()
            #expect(
                history.violations.isEmpty,
                "\(history.violations.first ?? ""); replay: MARTLET_SEEDS=\(seed)-\(seed) swift test --filter SimulationTests")
            if !history.violations.isEmpty { return }
        }
    }

    @Test func aSeedGivesTheSameHistory() {
        var first = Simulation(seed: 42), second = Simulation(seed: 42)
        first.play()
        second.play()
        #expect(first.steps == second.steps)
        #expect(first.engine.states == second.engine.states)
    }
}
