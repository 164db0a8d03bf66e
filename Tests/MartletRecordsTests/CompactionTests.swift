import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRecords

@Suite struct CompactionTests {
    let scratch: ScratchDirectory
    let area: Area
    init() throws {
        scratch = try ScratchDirectory("compaction")
        area = Area(path: "\(scratch.path)/reports")
    }

    private let all = Compaction.Rules(olderThan: 0)

    private func names() throws -> [String] { try Directory.list(area.path).map(\.name) }

    /// What anybody can see of the executions.
    private func seen() throws -> [JSON] { try area.catalogue().executions().map(\.json) }

    @Test func everyExecutionKeepsItsNameAndContent() throws {
        try area.record(by: "one", started: 1, [sampleReport("A_1", start: second), sampleReport("B_1", start: second)])
        try area.record(by: "two", started: 2, [sampleReport("A_1", start: 2 * second, outcome: .failed)])
        try area.record(by: "three", started: 3, [sampleReport("C_1", start: 3 * second)])
        let before = try seen(), newest = try area.catalogue().newest().map(\.json)
        let compaction = try Compaction(area.path, all)
        #expect(compaction.merged == ["one.jsonl", "three.jsonl", "two.jsonl"] && compaction.records == 4)
        #expect(try names() == [compaction.result])
        #expect(try seen() == before)
        #expect(try area.catalogue().newest().map(\.json) == newest)
        #expect(try area.catalogue().damage.isEmpty)
        #expect(try area.catalogue().report(of: area.catalogue().newest(of: "C_1")!) == sampleReport("C_1", start: 3 * second))
        // nothing is left to do
        #expect(try Compaction(area.path, all).result == nil)
        #expect(try names() == [compaction.result])
    }

    @Test func mergedFilesAreMergedWithOthers() throws {
        try area.record(by: "one", [sampleReport("A_1", start: second)])
        try area.record(by: "two", [sampleReport("A_1", start: 2 * second)])
        _ = try Compaction(area.path, all)
        try area.record(by: "three", [sampleReport("A_1", start: 3 * second)])
        let before = try seen()
        _ = try Compaction(area.path, all)
        #expect(try names().count == 1)
        #expect(try seen() == before && before.count == 3)
    }

    @Test func aCopyThatWasNotRemovedCountsOnce() throws {
        try area.record(by: "one", [sampleReport("A_1", start: second), sampleReport("A_1", start: 2 * second)])
        try area.record(by: "two", [sampleReport("B_1", start: 2 * second)])
        let before = try seen()
        let copy = try File.read("\(area.path)/one.jsonl")
        _ = try Compaction(area.path, all)
        // as if killed before the last removal
        try File.replace("\(area.path)/one.jsonl", with: copy)
        #expect(try seen() == before)
        _ = try Compaction(area.path, all)
        #expect(try seen() == before)
        #expect(try names().count == 1)
    }

    @Test func leftAloneIsWhatMayGoOnOrIsDamaged() throws {
        try area.record(by: "young", [sampleReport("A_1", start: second)])
        try area.record(by: "old", [sampleReport("A_2", start: second)])
        try area.record(by: "older", [sampleReport("A_3", start: second)])
        try area.record(by: "damaged", [sampleReport("A_4", start: second), sampleReport("A_5", start: second)])
        let alive = SegmentWriter(directory: area.path, header: .forThisProcess())
        _ = try alive.append(members(sampleReport("A_6", start: second)))
        var bytes = try File.read("\(area.path)/damaged.jsonl")
        bytes[bytes.count - 40] ^= 1
        try File.replace("\(area.path)/damaged.jsonl", with: bytes)
        let week = SystemClock().wall() - 8 * 86400 * second
        for name in ["old.jsonl", "older.jsonl", "damaged.jsonl", "\(alive.header.segment).jsonl"] {
            try File.setModified("\(area.path)/\(name)", week)
        }
        let before = try seen()
        let compaction = try Compaction(area.path, Compaction.Rules())
        #expect(compaction.merged == ["old.jsonl", "older.jsonl"])
        #expect(
            Set(compaction.leftAlone.map(\.file)) == ["young.jsonl", "damaged.jsonl", "\(alive.header.segment).jsonl"])
        #expect(try seen() == before)
    }

    @Test func whoWasTakenForDeadWritesOnElsewhere() throws {
        let writer = area.writer("one")
        writer.locks = false
        #expect(try writer.append(members(sampleReport("A_1", start: second))) == 1)
        try area.record(by: "two", [sampleReport("A_2", start: second)])
        _ = try Compaction(area.path, all)
        #expect(try writer.append(members(sampleReport("A_3", start: 2 * second))) == 1)
        #expect(try writer.append(members(sampleReport("A_1", start: 3 * second, outcome: .failed))) == 2)
        #expect(writer.header.segment != "one")
        #expect(try area.catalogue().executions().count == 4)
        #expect(try area.catalogue().newest(of: "A_1")?.segment == writer.header.segment)
    }

    /// Somebody on another machine writes on while his file is merged: what he counts on is there.
    @Test(arguments: [Compaction.Moment.checked, .taken]) func whatIsWrittenMeanwhileIsNotLost(moment: Compaction.Moment) throws {
        let writer = area.writer("one", host: "elsewhere")
        writer.locks = false
        _ = try writer.append(members(sampleReport("A_1", start: second)))
        try area.record(by: "two", [sampleReport("A_2", start: second)])
        var place: (String, UInt64)?
        let compaction = try Compaction(area.path, all, trial: false, locksTell: true) {
            if $0 != moment || place != nil { return }
            let number = try? writer.append(members(sampleReport("A_3", start: 2 * second)))
            place = number.map { (writer.segment, $0) }
        }
        let (segment, number) = try #require(place)
        let glance = try #require(try area.catalogue().newest(of: "A_3"))
        #expect((glance.segment, glance.number) == (segment, number))
        #expect(try area.catalogue().executions().map(\.task) == ["A_1", "A_2", "A_3"])
        if moment == .checked {
            #expect(compaction.leftAlone.map(\.file) == ["one.jsonl"] && segment == "one")
        } else {
            #expect(segment != "one")
        }
        _ = try writer.append(members(sampleReport("A_4", start: 3 * second)))
        #expect(try area.catalogue().executions().count == 4)
        #expect(try names().allSatisfy { !$0.hasPrefix(".") })
    }

    @Test func whoTookAwayANameAndWasKilledLosesNothing() throws {
        try area.record(by: "one", [sampleReport("A_1", start: second)])
        try area.record(by: "two", [sampleReport("A_2", start: second)])
        try File.rename("\(area.path)/one.jsonl", to: "\(area.path)/.one.jsonl.taken")
        #expect(try Compaction(area.path, all).records == 2)
        #expect(try seen().count == 2 && names().count == 1)
    }

    @Test func aRunWhoseHeartBeatsIsNotTakenForDead() throws {
        let other = area.writer("one", host: "elsewhere")
        other.locks = false
        _ = try other.append(members(sampleReport("A_1", start: second)))
        try area.record(by: "two", [sampleReport("A_2", start: second)])
        try area.record(by: "three", [sampleReport("A_2", start: second)])
        let claims = "\(scratch.path)/leases/run.claims"
        try Directory.make("\(scratch.path)/leases")
        try File.replace(claims, with: ClaimHeader(holder: LeaseHolder(host: "elsewhere", pid: other.header.pid)).line)
        try File.replace("\(scratch.path)/leases/run.beat", with: [1])
        #expect(try Compaction(area.path, all).leftAlone.map(\.why) == ["process 7 of elsewhere is alive"])
        try File.setModified("\(scratch.path)/leases/run.beat", SystemClock().wall() - 7200 * second)
        #expect(try Compaction(area.path, all).leftAlone.isEmpty)
    }

    /// A process of another container, or with another pid than its segment says: it takes no part in leases.
    @Test func whoHasASegmentOpenIsNotTakenForDead() throws {
        var writer: SegmentWriter? = area.writer("one", host: "elsewhere")
        _ = try writer?.append(members(sampleReport("A_1", start: second)))
        try area.record(by: "two", [sampleReport("A_2", start: second)])
        try area.record(by: "three", [sampleReport("A_3", start: second)])
        let compaction = try Compaction(area.path, all)
        #expect(compaction.leftAlone.map(\.why) == ["a process has it open"] && compaction.merged == ["three.jsonl", "two.jsonl"])
        _ = try writer?.append(members(sampleReport("A_4", start: second)))
        #expect(writer?.segment == "one")
        writer = nil
        #expect(try Compaction(area.path, all).leftAlone.isEmpty)
        #expect(try seen().count == 4 && names().count == 1)
    }

    /// Where locks say nothing, another machine is waited for, whatever the rules say.
    @Test func withoutLocksAnotherMachineIsTakenToBeAtWorkForADay() throws {
        try area.record(by: "one", [sampleReport("A_1", start: second)])
        try area.record(by: "two", [sampleReport("A_2", start: second)])
        func merge() throws -> Compaction { try Compaction(area.path, all, trial: false, locksTell: false) { _ in } }
        #expect(try merge().leftAlone.count == 2)
        for name in try names() { try File.setModified("\(area.path)/\(name)", SystemClock().wall() - 90_000 * second) }
        #expect(try merge().merged.count == 2)
    }

    @Test func aTornEndIsNoReasonToLeaveAFile() throws {
        try area.record(by: "one", [sampleReport("A_1", start: second), sampleReport("A_2", start: second)])
        try area.record(by: "two", [sampleReport("A_3", start: second)])
        let length = Int64(try File.size("\(area.path)/one.jsonl"))
        try File.truncate(try File.openWriting("\(area.path)/one.jsonl"), to: length - 10)
        #expect(try Compaction(area.path, all).records == 2)
        #expect(try area.catalogue().executions().map(\.task) == ["A_1", "A_3"])
    }

    @Test func fewExecutionsOfATaskAreKeptWhereThatIsAskedFor() throws {
        let line = { (task: String, start: Int, state: String, used: String) in
            #""task":"\#(task)","family":"A","state":"\#(state)","start":\#(start * 1_000_000_000),"wall":1\#(used)"#
        }
        try area.record("one", lines: [line("A_1", 1, "done", ""), line("A_1", 2, "done", "")])
        let first = ReportName(segment: "one", number: 1)
        // B's execution consumed the first of A
        try area.record("two", lines: [line("B_1", 3, "done", #","used":["\#(first)"]"#)])
        try area.record("three", lines: [line("A_1", 4, "done", ""), line("A_1", 5, "failed", ""), line("A_1", 6, "failed", "")])
        let compaction = try Compaction(area.path, Compaction.Rules(olderThan: 0, keep: 1))
        #expect(compaction.dropped == 2)
        #expect(try area.catalogue().history(of: "A_1").map(\.start) == [1 * second, 4 * second, 6 * second])
        #expect(try area.catalogue().newest(of: "A_1")?.outcome == .failed)
    }

    @Test func whatNeverGotItsTurnIsKeptWhileItIsTheLastWord() throws {
        let unrun = { (task: String, at: Int) in
            #""unrun":"\#(task)","family":"A","state":"blocked","why":["blockedBy"],"at":\#(at * 1_000_000_000)"#
        }
        try area.record("one", lines: [unrun("A_1", 1), unrun("A_2", 1), unrun("A_3", 1)])
        try area.record("two", lines: [unrun("A_2", 2)])
        try area.record(by: "three", started: 3 * second, [sampleReport("A_1", start: 3 * second)])
        #expect(try Compaction(area.path, all).dropped == 2)
        let records = try area.catalogue()
        #expect(try TaskStory("A_1", records).unrun == nil && records.unrun("A_1") == nil)
        #expect(try records.unrun("A_2")?.task.at == 2 * second && records.unrun("A_3") != nil)
    }

    @Test func aTrialTouchesNothing() throws {
        try area.record(by: "one", [sampleReport("A_1", start: second)])
        try area.record(by: "two", [sampleReport("A_2", start: second)])
        let compaction = try Compaction(area.path, all, trial: true)
        #expect(compaction.records == 2 && compaction.result == nil)
        #expect(try names() == ["one.jsonl", "two.jsonl"])
    }

    @Test func whatIsReadMeanwhileIsFoundInItsNewPlace() throws {
        try area.record(by: "one", [sampleReport("A_1", start: second)])
        try area.record(by: "two", [sampleReport("B_1", start: second)])
        let records = try area.catalogue()
        let glance = try #require(try records.newest(of: "B_1"))
        _ = try Compaction(area.path, all)
        #expect(try records.report(of: glance) == sampleReport("B_1", start: second))
    }
}
