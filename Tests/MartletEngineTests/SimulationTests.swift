import MartletTesting
import Testing

@Suite struct SimulationTests {
    @Test func everyHistoryKeepsTheInvariantsAndEnds() {
        for seed: UInt64 in 1...2000 {
            var history = Simulation(seed: seed)
            history.play()
            #expect(
                history.violations.isEmpty,
                "\(history.violations.first ?? ""); replay: make simulate SEED=\(seed)")
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
