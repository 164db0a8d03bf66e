import Glibc
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

    private func entry(_ tag: String) -> LedgerEntry { LedgerEntry(tag: tag, system: "local", time: 7, elements: [["Task_\(tag)"]]) }

    private func open(_ tag: String, _ ids: [Int: JobID] = [:]) -> OpenSubmission {
        OpenSubmission(entry: entry(tag), ids: ids, open: [0: [0]])
    }

    @Test func eachTaskOfASliceIsClosedByItself() throws {
        let first = driver()
        let entry = LedgerEntry(tag: "t", system: "slurm", time: 7, queue: "long", elements: [["A", "B"], ["C"], ["D", "E"]])
        try first.intend([entry])
        try first.accepted(tag: "t", [0: JobID("9_0"), 2: JobID("9_2")])
        try first.closed(tag: "t", [LedgerEnd(1, how: "finished"), LedgerEnd(2, position: 0, how: "failed")])
        let ids = [0: JobID("9_0"), 2: JobID("9_2")]
        #expect(try driver().open() == [OpenSubmission(entry: entry, ids: ids, open: [0: [0, 1], 2: [1]])])
        try driver().closed(tag: "t", [LedgerEnd(0, how: "finished"), LedgerEnd(2, position: 1, how: "finished")])
        #expect(try driver().open().isEmpty)
    }

    /// The batch system hears of jobs only when their intention would survive a power cut.
    @Test func intentionsAreOnDiskWhenTheyAreAcknowledged() throws {
        let writer = SegmentWriter(directory: scratch.path, header: SegmentHeader.forThisProcess().of(kind: .ledger))
        var forced: [UInt64] = []
        let path = writer.path
        writer.force = { (_) throws(SystemError) in forced.append(try File.size(path)) }
        let ledger = Ledger(directory: scratch.path, writer: writer)
        try ledger.intend([entry("a")])
        #expect(forced == [try File.size(path)])
        writer.force = { (_) throws(SystemError) in throw SystemError(EIO, "fdatasync") }
        #expect(throws: Diagnostic.self) { try ledger.intend([self.entry("b")]) }
    }

    @Test func anExtensionThatWasNotForcedToDiskIsReplacedByTheNext() throws {
        let writer = SegmentWriter(directory: scratch.path, header: SegmentHeader.forThisProcess().of(kind: .ledger))
        let first = Ledger(directory: scratch.path, writer: writer), force = writer.force
        try first.intend([LedgerEntry(tag: "t", system: "local", time: 7, elements: [["A"]], pilots: 1)])
        writer.force = { (_) throws(SystemError) in throw SystemError(EIO, "fdatasync") }
        #expect(throws: Diagnostic.self) { try first.extend(tag: "t", from: 1, LedgerSlices([["B"], ["C"], ["D"]])) }
        writer.force = force
        try first.extend(tag: "t", from: 1, LedgerSlices([["D"], ["B"]]))
        try first.closed(tag: "t", [LedgerEnd(1, position: 0, how: "finished")])
        let open = try #require(try driver().open().first)
        #expect(open.entry.elements == [["A"], ["D"], ["B"]] && open.open == [0: [0], 2: [0]])
    }

    @Test func tasksThatRunAsOneAreFoundByAnyOfThem() throws {
        let first = driver()
        var slices = LedgerSlices([["A", "B"], ["C"]], followers: [LedgerSlices.Place(0, 1): ["B2", "B3"]])
        try first.intend([LedgerEntry(tag: "t", system: "local", time: 7, slices: slices, pilots: 1)])
        try first.extend(tag: "t", from: 2, LedgerSlices([["D"]], followers: [LedgerSlices.Place(0, 0): ["D2"]]))
        try first.closed(tag: "t", [LedgerEnd(0, position: 0, how: "finished")])
        slices.elements.append(["D"])
        slices.followers[LedgerSlices.Place(2, 0)] = ["D2"]
        let open = try #require(try driver().open().first)
        #expect(open.entry.slices == slices && open.open == [0: [1], 1: [0], 2: [0]])
        #expect(open.entry.slices.tasks(0, 1) == ["B", "B2", "B3"] && Set(open.entry.slices.tasks).count == 7)
    }

    @Test func whatATaskHasUsedUpStandsWithItsJobs() throws {
        let first = driver()
        let grown = JobTries(failed: 1, memory: 8_000_000_000, walltime: 7200.5, avoidedNodes: ["n1", "n2"])
        let slices = LedgerSlices([["A"], ["B"], ["C"]], tries: ["A": grown, "B": JobTries(failed: 2)])
        try first.intend([LedgerEntry(tag: "t", system: "local", time: 7, slices: slices)])
        #expect(try driver().open().first?.entry.slices == slices)
        let bytes = try File.read(try #require(try SegmentReader.segments(in: scratch.path).first))
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""tried":[["A",1,null,8000000000,7200.5,["n1","n2"]],["B",2]]"#))
        #expect(first.closedTries.isEmpty)
    }

    @Test func ofATaskBetweenTwoJobsTheLastWordCounts() throws {
        func entry(_ tag: String, _ time: Int64) -> LedgerEntry {
            LedgerEntry(tag: tag, system: "local", time: time, elements: [["A", "B"]])
        }
        let first = driver(), one = JobTries(failed: 1, cause: 7, memory: 8), two = JobTries(failed: 2, cause: 3)
        try first.intend([entry("t", 7)])
        try first.closed(tag: "t", [LedgerEnd(0, how: "lost", tries: ["A": one, "B": two])])
        #expect(try driver().open().isEmpty)
        #expect(try closedTries() == ["A": known(one, "t"), "B": known(two, "t")])
        // another job in the same second, of which nothing more is to be said
        try first.intend([entry("u", 7)])
        #expect(try closedTries().isEmpty)
        try first.closed(tag: "u", [LedgerEnd(0, position: 0, how: "lost", tries: ["A": two]), LedgerEnd(0, position: 1, how: "finished")])
        #expect(try closedTries() == ["A": known(two, "u")])
        // what was submitted before says nothing, wherever it is read
        try driver().intend([entry("s", 6)])
        #expect(try closedTries().keys.sorted() == ["A"])
        // a run has told that it failed
        try first.forget(tag: "u", ["A"])
        #expect(try closedTries().isEmpty)
        try first.closed(tag: "s", [LedgerEnd(0, how: "lost", tries: ["A": one])])
        #expect(try closedTries().isEmpty, "what was submitted earlier says nothing")
    }

    private func known(_ tries: JobTries, _ tag: String) -> ClosedTries {
        ClosedTries(tries, tag: tag, system: "local", submitted: 7)
    }

    private func closedTries() throws -> [String: ClosedTries] {
        let ledger = driver()
        _ = try ledger.open()
        return ledger.closedTries
    }

    @Test func recordsOfOneTaskAJobAreRead() throws {
        // as versions before arrays wrote them
        var lines = [["intend": "a", "system": "local", "subject": "A_1"], ["submitted": "a", "job": "17"]]
        lines += [["intend": "b", "system": "local", "subject": "B_1"], ["closed": "b", "how": "finished"]]
        let writer = SegmentWriter(directory: scratch.path, header: SegmentHeader.forThisProcess().of(kind: .ledger))
        _ = try writer.append(
            lines: lines.map { fields in
                var json = JSONWriter()
                for (name, value) in fields {
                    json.name(name)
                    json.string(value)
                }
                return json.bytes
            })
        let entry = LedgerEntry(tag: "a", system: "local", time: 0, elements: [["A_1"]])
        #expect(try driver().open() == [OpenSubmission(entry: entry, ids: [0: JobID("17")], open: [0: [0]])])
    }

    @Test func whatIsNotClosedIsOpenForEveryLaterDriver() throws {
        let first = driver()
        #expect(try first.open().isEmpty)
        try first.intend([entry("a"), entry("b"), entry("c")])
        try first.accepted(tag: "a", [0: JobID("17")])
        try first.accepted(tag: "b", [0: JobID("18")])
        try first.closed(tag: "a", [LedgerEnd(0, how: "finished")])
        let expected = [open("b", [0: JobID("18")]), open("c")]
        #expect(try first.open() == expected)
        // the first driver is gone without a word; the next one sees its jobs and closes one
        let second = driver()
        #expect(try second.open() == expected)
        try second.closed(tag: "b", [LedgerEnd(0, how: "lost")])
        try second.intend([entry("d")])
        #expect(try driver().open().map(\.entry.tag) == ["c", "d"])
    }

    @Test func closingInAnEarlierFileThanTheIntentionCounts() throws {
        // clocks of two machines differ: the file that closes may sort first
        var early = SegmentHeader.forThisProcess()
        early.segment = "0-early"
        try driver().intend([entry("a")])
        try Ledger(directory: scratch.path, header: early).closed(tag: "a", [LedgerEnd(0, how: "finished")])
        #expect(try driver().open().isEmpty)
    }

    /// A ledger of three jobs: one open, one submitted, one closed; its bytes, and where each line ends.
    private func sample() throws -> (path: String, bytes: [UInt8], ends: [Int]) {
        let ledger = driver()
        try ledger.intend([entry("a"), entry("b"), entry("c")])
        try ledger.accepted(tag: "b", [0: JobID("17")])
        try ledger.closed(tag: "c", [LedgerEnd(0, how: "finished")])
        let path = try #require(try SegmentReader.segments(in: scratch.path).first)
        let bytes = try File.read(path)
        return (path, bytes, bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") })
    }

    @Test func aLedgerCutAnywhereLosesItsTailAlone() throws {
        let (path, bytes, ends) = try sample()
        for length in 0...bytes.count {
            try File.replace(path, with: Array(bytes[..<length]))
            let next = driver()
            let tags = try next.open().map(\.entry.tag)
            // lines: the header, three intentions, a submission, an end
            let whole = ends.count { $0 <= length }
            let intended = ["a", "b", "c"].prefix(max(0, whole - 1))
            #expect(tags == (whole == 6 ? ["a", "b"] : Array(intended)), "cut at \(length)")
            let atBoundary = length == 0 || ends.contains(length) || ends.contains(length - 1)
            #expect(next.damage.isEmpty == atBoundary, "cut at \(length)")
        }
    }

    @Test func everyFlippedBitOfALedgerHurtsItsOwnLineAlone() throws {
        let (path, bytes, ends) = try sample()
        for position in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[position] ^= 1 << bit
                try File.replace(path, with: changed)
                let next = driver()
                let tags = Set(try next.open().map(\.entry.tag))
                #expect(!next.damage.isEmpty, "byte \(position), bit \(bit)")
                // a changed line feed takes the line behind it along
                let line = ends.count { $0 < position }
                let hurt = bytes[position] == UInt8(ascii: "\n") ? [line, line + 1] : [line]
                for (number, tag) in [(1, "a"), (2, "b")] where !hurt.contains(number) {
                    #expect(tags.contains(tag), "byte \(position), bit \(bit)")
                }
            }
        }
    }

    @Test func aTornLastLineLosesItselfAlone() throws {
        let ledger = driver()
        try ledger.intend([entry("a")])
        try ledger.accepted(tag: "a", [0: JobID("1")])
        let path = try #require(try SegmentReader.segments(in: scratch.path).first)
        let bytes = try File.read(path)
        try File.replace(path, with: Array(bytes.dropLast(5)))
        let next = driver()
        #expect(try next.open() == [open("a")])
        #expect(next.damage.map(\.code) == [.recordDamaged])
    }
}
