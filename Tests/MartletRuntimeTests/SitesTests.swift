import MartletPorts
import MartletTesting
import Testing

@testable import MartletRuntime

/// Runs over simulated sites (`make simulate-jobs` plays larger ones).
@Suite struct SitesTests {
    private func played(_ count: Int, _ sites: [Site], seed: UInt64) throws -> JobsSimulation {
        let scratch = try ScratchDirectory("sites"), ledger = MemoryLedger()
        var simulation = JobsSimulation(seed: seed, count: count, sites: sites, folder: scratch.path, openLedger: { ledger })
        try simulation.play()
        withExtendedLifetime(scratch) {}
        return simulation
    }

    @Test(arguments: UInt64(1)...6) func sevenSitesThatLieGetNoJobTwice(seed: UInt64) throws {
        let simulation = try played(300, Site.seven, seed: seed)
        #expect(simulation.violations.isEmpty)
    }

    @Test func aSiteThatLosesAnswersAndKillsJobsGetsNoJobTwice() throws {
        var worst = Site("worst", slots: 20)
        (worst.losesAnswers, worst.losesSubmissions, worst.breaksOff) = (0.4, 0.01, 0.5)
        (worst.evictions, worst.holds, worst.lag, worst.reusesIDs) = (0.3, 0.1, 100, true)
        let simulation = try played(200, [worst], seed: 1)
        #expect(simulation.violations.isEmpty)
        #expect(simulation.figures.counts.jobs > 250 && simulation.figures.drivers > 1)
    }

    /// What cannot be kept apart, and the simulation does not hide it: lists that claim to be complete and lag for longer
    /// than the grace.
    @Test func listsThatLagLongerThanTheGraceMakeJobsTwice() throws {
        var late = Site("late", slots: 50)
        (late.lag, late.losesAnswers) = (5000, 1)
        let simulation = try played(100, [late], seed: 1)
        #expect(simulation.violations.contains { $0.contains("jobs did the work of 100 tasks") })
    }
}
