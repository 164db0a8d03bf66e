import MartletModel
import MartletPorts
import MartletRecords
import MartletSystem
import MartletTesting
import Testing

@Suite struct LedgerTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("records") }

    private func driver() -> Ledger { Ledger(directory: scratch.path, header: .forThisProcess()) }

    private func entry(_ tag: String) -> LedgerEntry { LedgerEntry(tag: tag, system: "local", subject: "Task_\(tag)") }

    @Test func whatIsNotClosedIsOpenForEveryLaterDriver() throws {
        let first = driver()
        #expect(try first.open().isEmpty)
        try first.intend([entry("a"), entry("b"), entry("c")])
        try first.submitted(tag: "a", as: JobID("17"))
        try first.submitted(tag: "b", as: JobID("18"))
        try first.closed(tag: "a", how: "finished")
        let expected = [OpenJob(entry: entry("b"), job: JobID("18")), OpenJob(entry: entry("c"), job: nil)]
        #expect(try first.open() == expected)
        // the first driver is gone without a word; the next one sees its jobs and closes one
        let second = driver()
        #expect(try second.open() == expected)
        try second.closed(tag: "b", how: "lost")
        try second.intend([entry("d")])
        #expect(try driver().open().map(\.entry.tag) == ["c", "d"])
    }

    @Test func closingInAnEarlierFileThanTheIntentionCounts() throws {
        // clocks of two machines differ: the file that closes may sort first
        var early = SegmentHeader.forThisProcess()
        early.segment = "0-early"
        try driver().intend([entry("a")])
        try Ledger(directory: scratch.path, header: early).closed(tag: "a", how: "finished")
        #expect(try driver().open().isEmpty)
    }

    @Test func aTornLastLineLosesItselfAlone() throws {
        let ledger = driver()
        try ledger.intend([entry("a")])
        try ledger.submitted(tag: "a", as: JobID("1"))
        let path = try #require(try SegmentReader.segments(in: scratch.path).first)
        let bytes = try File.read(path)
        try File.replace(path, with: Array(bytes.dropLast(5)))
        let next = driver()
        #expect(try next.open() == [OpenJob(entry: entry("a"), job: nil)])
        #expect(next.damage.map(\.code) == [.recordDamaged])
    }
}
