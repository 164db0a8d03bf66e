import MartletModel
import MartletRecords
import MartletSystem
import MartletTesting
import Testing

/// The newest execution, whatever clocks say.
@Suite struct MomentTests {
    let scratch: ScratchDirectory
    let area: Area
    init() throws {
        scratch = try ScratchDirectory("moments")
        area = Area(path: scratch.path)
    }

    static let hour = 3600 * second
    static let noon: Int64 = 1_795_392_000 * second

    @Test func aHostWhoseClockIsSlowIsNotOverruledByOneThatItSaw() throws {
        // one hour fast, done at 12:00; correct, failed at 12:10
        try area.record(by: "b-fast", started: Self.noon + Self.hour, [sampleReport("A_1", start: Self.noon + Self.hour)])
        let later = Self.noon + 600 * second
        try area.record(by: "a-right", started: later, [sampleReport("A_1", start: later, outcome: .failed)])
        let newest = try #require(try area.catalogue().newest(of: "A_1"))
        #expect(newest.segment == "a-right" && newest.outcome == .failed)
        #expect(try area.catalogue().history(of: "A_1").map(\.segment) == ["b-fast", "a-right"])
        // and the fast one once more
        let last = Self.noon + Self.hour + 1200 * second
        try area.record(by: "c-fast", started: last, [sampleReport("A_1", start: last)])
        #expect(try area.catalogue().newest(of: "A_1")?.segment == "c-fast")
    }

    @Test func chainsOfSlowClocksAdd() throws {
        var segments: [String] = []
        // each a minute behind the one before
        for (i, name) in ["d", "c", "b", "a"].enumerated() {
            let now = Self.noon - Int64(i) * 60 * second
            try area.record(by: name, started: now, [sampleReport("A_1", start: now + second)])
            segments.append(name)
        }
        #expect(try area.catalogue().history(of: "A_1").map(\.segment) == segments)
    }

    @Test func aClockThatJumpsBackDoesNotTurnTheOrderAround() throws {
        try area.record(
            by: "one", started: Self.noon,
            [sampleReport("A_1", start: Self.noon), sampleReport("A_1", start: Self.noon - Self.hour, outcome: .failed)])
        #expect(try area.catalogue().newest(of: "A_1")?.number == 2)
        try area.record(
            by: "two", started: Self.noon - Self.hour + second, [sampleReport("A_1", start: Self.noon - Self.hour + second)])
        #expect(try area.catalogue().newest(of: "A_1")?.segment == "two")
    }

    /// Its clock is right: others recorded something while its first task ran.
    @Test func aRunWhoseFirstTaskTookLongIsNotTakenForSlow() throws {
        let early = area.writer("a-early", started: Self.noon)
        early.elapsed = { Self.hour }
        let between = Self.noon + Self.hour / 2
        try area.record(by: "b-other", started: between, [sampleReport("B_1", start: between)])
        _ = try early.append(members(sampleReport("A_1", start: Self.noon + Self.hour - 600 * second, outcome: .failed)))
        #expect(early.header.after == nil)
        let later = Self.noon + Self.hour + 60 * second
        try area.record(by: "c-later", started: later, [sampleReport("A_1", start: later)])
        let newest = try #require(try area.catalogue().newest(of: "A_1"))
        #expect(newest.segment == "c-later" && newest.outcome == .done)
    }

    @Test func theHeaderSaysWhatWasSeenOnlyWhereTheClockIsBehindIt() throws {
        let first = area.writer("one", started: Self.noon)
        _ = try first.append(members(sampleReport("A_1", start: Self.noon)))
        #expect(first.header.after == nil)
        let slow = area.writer("two", started: Self.noon)
        _ = try slow.append(members(sampleReport("A_1", start: Self.noon)))
        #expect(slow.header.after == Self.noon + second / 2)
        #expect(try SegmentReader.read(slow.path).header == slow.header)
        let right = area.writer("three", started: Self.noon + Self.hour)
        _ = try right.append(members(sampleReport("A_1", start: Self.noon + Self.hour)))
        #expect(right.header.after == nil)
    }

    @Test func whoIsToldWhatToBeLaterThanLooksAtNothing() throws {
        try area.record(by: "one", started: Self.noon + Self.hour, [sampleReport("A_1", start: Self.noon + Self.hour)])
        let told = area.writer("two", started: Self.noon, after: Self.noon + second)
        _ = try told.append(members(sampleReport("A_1", start: Self.noon)))
        #expect(told.header.after == Self.noon + second)
        #expect(told.moment(at: Self.noon + second) == Self.noon + 2 * second + 1)
        // its clock is beyond that
        let right = area.writer("three", started: Self.noon, after: Self.noon - second)
        #expect(right.moment(at: Self.noon) == nil)
        _ = try right.append(members(sampleReport("A_1", start: Self.noon)))
        #expect(right.header.after == nil && right.moment(at: Self.noon + 1) == Self.noon + 1)
    }

    @Test func aFolderTellsItsLatestMoment() throws {
        let files = SegmentFiles(directory: scratch.path)
        #expect(files.latestMoment() == nil)
        try area.record(by: "one", started: Self.noon + Self.hour, [sampleReport("A_1", start: Self.noon + Self.hour)])
        try area.record(by: "two", started: Self.noon, [sampleReport("A_1", start: Self.noon)])
        let moments = files.executions(in: "two").map(\.moment)
        #expect(moments.count == 1 && moments.first == files.latestMoment())
        #expect(try #require(moments.first) > Self.noon + Self.hour + second / 2)
    }

    @Test func timesAtTheEndsOfTheirRangeAreOrderedAsWell() throws {
        try area.record(by: "one", started: .max, [sampleReport("A_1", start: .max)])
        try area.record(by: "two", started: .min, [sampleReport("A_1", start: .min, outcome: .failed)])
        #expect(try area.catalogue().executions().count == 2)
        #expect(try area.catalogue().newest(of: "A_1")?.segment == "two")
    }

    @Test func whatNeverGotItsTurnIsOlderThanAnExecutionBehindIt() throws {
        let unrun = #""unrun":"A_1","family":"A","state":"blocked","why":["blockedBy"],"at":\#(Self.noon + Self.hour)"#
        try area.record("one", lines: [unrun])
        #expect(try TaskStory("A_1", area.catalogue()).unrun != nil)
        try area.record(by: "two", started: Self.noon, [sampleReport("A_1", start: Self.noon)])
        #expect(try TaskStory("A_1", area.catalogue()).unrun == nil)
    }
}
