import MartletModel
import MartletPorts
import MartletStorage
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRecords

@Suite struct AnswerTests {
    let scratch: ScratchDirectory
    let area: Area
    init() throws {
        scratch = try ScratchDirectory("answers")
        area = Area(path: "\(scratch.path)/reports")
    }

    private func report(_ task: String, wall: Double, _ outcome: Execution.Outcome = .done) -> Report {
        var report = sampleReport(task, start: second, outcome: outcome)
        report.execution.wall = wall
        report.execution.cpu = wall / 2
        return report
    }

    @Test func anEstimateIsNotLedAstrayByAFew() throws {
        try area.record(by: "one", (1...20).map { report("Sel_\($0)", wall: 10 + Double($0 % 3)) })
        try area.record(by: "two", [report("Sel_21", wall: 1e6), report("Sel_22", wall: 0.1, .failed)])
        let estimate = try Estimate(area.catalogue(), [("Sel", 300), ("None", 4), ("Sel", 0)], workers: 10)
        let family = try #require(estimate.families.first)
        #expect(family.samples == 21 && family.failed == 1 && family.wall?.median == 11)
        let wall = try #require(estimate.wall), elapsed = try #require(estimate.elapsed)
        #expect((3200...3700).contains(wall.expected) && wall.uncertainty < 300)
        #expect(abs(elapsed.expected - wall.expected / 10) < 1e-9)
        #expect(abs((estimate.cpu?.expected ?? 0) - wall.expected / 2) < 1)
        #expect(estimate.unknown.map(\.family) == ["None"])
    }

    @Test func oneExecutionTellsLittle() throws {
        try area.record(by: "one", [report("Sel_1", wall: 10)])
        let wall = try #require(try Estimate(area.catalogue(), [("Sel", 4)]).wall)
        #expect(wall.expected == 40 && wall.uncertainty > 40)
    }

    @Test func differencesAreToldByMember() throws {
        let line = { (cut: Int, size: Int, env: String) in
            #""task":"Sel_1","family":"Sel","params":{"cut":\#(cut),"d":"tt"},"outputs":[["o.root",\#(size),5]],"#
                + #""inputs":[],"state":"done","start":\#(cut),"wall":1,"env":"\#(env)""#
        }
        let fact = { (digest: String, numpy: String) in
            #""fact":"environment","digest":"\#(digest)","packages":{"numpy":"\#(numpy)","vector":"1.0"}"#
        }
        try area.record("one", lines: [fact("aa", "1.26"), line(1, 10, "aa")])
        try area.record("two", lines: [fact("bb", "2.1"), line(2, 12, "bb")])
        let records = try area.catalogue()
        #expect(records.damage.isEmpty)
        let (first, second) = try records.pair("Sel_1", nil)
        #expect((first.segment, second.segment) == ("one", "two"))
        let difference = try ReportDifference(first, second, records)
        let told = difference.entries.map { "\($0.member): \($0.first?.text ?? "") -> \($0.second?.text ?? "")" }
        #expect(
            told.sorted() == [
                "bytes: 10 -> 12", #"env.packages.numpy: "1.26" -> "2.1""#, "outputs.o.root.size: 10 -> 12", "params.cut: 1 -> 2",
            ])
        #expect(try ReportDifference(first, first, records).entries.isEmpty)
        let named = try records.pair(first.name.text, second.name.text)
        #expect(named.0 == first && named.1 == second)
        try area.record(by: "three", [sampleReport("B_1", start: 1)])
        #expect(#expect(throws: Diagnostic.self) { try area.catalogue().pair("B_1", nil) }?.code == .noEarlierReport)
    }

    @Test func outputsAreFoundToBeWhatTheyAre() throws {
        let folder = "\(scratch.path)/out"
        try Directory.make(folder)
        var lines: [String] = []
        for (name, content) in [("good", "wikipedia"), ("sizes", "xx"), ("changed", "abc"), ("rotten", "abc"), ("gone", "abc")] {
            let path = "\(folder)/\(name)"
            try File.replace(path, with: Array(content.utf8))
            let facts = try FileFacts.of(name: path)
            let sum = name == "sizes" ? "" : #","adler32:\#(Adler32.hex(Array(content.utf8)))""#
            lines.append(
                #""task":"T_\#(name)","family":"T","outputs":[["\#(name)",\#(facts.size),\#(facts.modified)\#(sum)]],"#
                    + #""state":"done","start":1,"wall":1"#)
            if name == "rotten" {
                try File.replace(path, with: Array("abd".utf8))
                try File.setModified(path, facts.modified)
            }
        }
        try File.replace("\(folder)/changed", with: Array("abcd".utf8))
        try File.remove("\(folder)/gone")
        lines.append(#""task":"T_far","family":"T","outputs":[["root://store/x",1,1]],"state":"done","start":1,"wall":1"#)
        lines.append(#""task":"T_failed","family":"T","outputs":[["never",1,1]],"state":"failed","start":1,"wall":1"#)
        // it failed since: what it made before counts
        lines.append(#""task":"T_good","family":"T","state":"failed","start":2,"wall":1"#)
        try area.record("one", lines: lines)
        let verification = try Verification(area.catalogue(), Stores([LocalStorage()]), folder: folder)
        let found = Dictionary(verification.outputs.map { ($0.execution.task, $0.finding) }, uniquingKeysWith: { $1 })
        #expect(
            found == [
                "T_good": .intact, "T_sizes": .plausible, "T_changed": .changed, "T_rotten": .rotten, "T_gone": .missing,
                "T_far": .unreachable,
            ])
        let quick = try Verification(area.catalogue(), Stores([LocalStorage()]), folder: folder, checksums: false)
        #expect(quick.outputs.first { $0.execution.task == "T_rotten" }?.finding == .plausible)
    }

    @Test func familiesStandBelowThoseThatNeedThem() throws {
        let line = { (task: String, inputs: String) in
            #""task":"\#(task)","family":"\#(task.prefix { $0 != "_" })",\#(inputs),"state":"done","start":1,"wall":1"#
        }
        try area.record(
            "one",
            lines: [
                line("Events_1", #""inputs":[]"#), line("Sel_1", #""inputs":["Events_1"]"#), line("Calib_1", #""inputs":[]"#),
                line("Merge_1", #""needs":{"Sel":1250,"Calib":1}"#), line("Plot_1", #""inputs":["Merge_1","Sel_1"]"#),
            ])
        func rows(_ depth: Int) throws -> [String] {
            let records = try area.catalogue()
            return try FamilyTree(records, AreaStatus(records), depth: depth).rows.map {
                String(repeating: " ", count: $0.depth) + $0.family.name + ($0.isRepeated ? "…" : "")
            }
        }
        #expect(try rows(9) == ["Plot", " Merge", "  Sel", "   Events", "  Calib", " Sel…"])
        #expect(try rows(1) == ["Plot", " Merge", " Sel"])
        #expect(try rows(0) == ["Plot"])
    }
}
