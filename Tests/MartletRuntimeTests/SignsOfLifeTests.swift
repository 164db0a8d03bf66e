import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRuntime

struct SignsOfLifeTests {
    private let scratch: ScratchDirectory
    private let jobs: [JobKey] = [JobKey("t1", 0), JobKey("t1", 1)]

    init() throws { scratch = try ScratchDirectory("signs") }

    private func look(_ signs: inout SignsOfLife, at seconds: UInt64, _ jobs: [JobKey]? = nil) -> [JobKey] {
        signs.look(at: (jobs ?? self.jobs).map { ($0, scratch.path) }, now: seconds * 1_000_000_000)
    }

    private func says(_ job: JobKey, _ text: String) throws {
        try File.replace(SignsOfLife.path(of: job, in: scratch.path), with: Array(text.utf8))
    }

    @Test func whoSaysNothingForTenMinutesIsToldOfOnce() throws {
        var signs = SignsOfLife()
        for job in jobs { try says(job, "a") }
        #expect(look(&signs, at: 0).isEmpty && look(&signs, at: 599).isEmpty)
        try says(jobs[1], "another word")
        #expect(look(&signs, at: 600) == [jobs[0]])
        #expect(look(&signs, at: 1199).isEmpty && look(&signs, at: 1200) == [jobs[1]] && look(&signs, at: 9999).isEmpty)
    }

    @Test func whoSpeaksAgainMayFallSilentAgain() throws {
        var signs = SignsOfLife()
        try says(jobs[0], "a")
        _ = look(&signs, at: 0, [jobs[0]])
        #expect(look(&signs, at: 600, [jobs[0]]) == [jobs[0]])
        try says(jobs[0], "another word")
        #expect(look(&signs, at: 700, [jobs[0]]).isEmpty && look(&signs, at: 1300, [jobs[0]]) == [jobs[0]])
    }

    @Test func whereNoFilesAreSharedNothingIsSaid() {
        var signs = SignsOfLife()
        #expect(look(&signs, at: 0).isEmpty && look(&signs, at: 10_000).isEmpty)
    }

    @Test func whoHasNotSpokenAtAllIsToldOfWhereOthersHave() throws {
        var signs = SignsOfLife()
        try says(jobs[0], "a")
        _ = look(&signs, at: 0)
        try says(jobs[0], "another word")
        #expect(look(&signs, at: 600) == [jobs[1]])
    }

    @Test func theFilesAreNotLookedAtAllTheTime() {
        var signs = SignsOfLife()
        _ = look(&signs, at: 100)
        #expect(!signs.isDue(159_999_999_999) && signs.isDue(160_000_000_000))
    }
}
