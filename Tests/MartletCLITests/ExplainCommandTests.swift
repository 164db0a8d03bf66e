import MartletModel
import MartletRecords
import Testing

@testable import MartletCLI

@Suite struct ExplainCommandTests {
    let folder: TemporaryFolder
    let records: ReportCatalogue

    private static let lines = [
        #""task":"Sel_a","family":"Sel","params":{"d":"a"},"state":"failed","cause":"ValueError: no jets","start":10000000000,"wall":1.5,"worker":1,"why":["outputAbsent"]"#,
        #""unrun":"Sel_a","family":"Sel","params":{"d":"a"},"state":"withheld","why":["interrupted"],"at":15000000000"#,
        #""task":"Sel_a","family":"Sel","params":{"d":"a"},"state":"done","start":20000000000,"wall":1.5,"worker":1,"try":2,"log":["logs/w",0,1],"why":["triedAgain"]"#,
        #""task":"Sel_b","family":"Sel","params":{"d":"b"},"state":"failed","cause":"ValueError: no b","start":30000000000,"wall":2,"worker":1,"why":["outputAbsent"]"#,
        #""unrun":"Merge_1","family":"Merge","params":{},"state":"blocked","why":["blockedBy","Sel_b"],"at":40000000000"#,
        #""unrun":"Plot_1","family":"Plot","params":{"x":"1"},"state":"blocked","why":["blockedBy","Data_1"],"at":40000000000"#,
        #""unrun":"Data_1","family":"Data","params":{},"state":"missing","why":["externalAbsent"],"cause":"external, and d.root is not there","at":40000000000"#,
        #""run":"ended","at":40000000000,"counts":{"Sel":{"done":1,"failed":1}}"#,
    ]

    init() throws {
        folder = try TemporaryFolder()
        let directory = StateDirectory.reports(in: folder.path)
        let header = SegmentHeader(kind: .reports, segment: "one", host: "lxplus", user: "anna", pid: 7, started: 0)
        let writer = SegmentWriter(directory: directory, header: header)
        for line in Self.lines { _ = try writer.append(Array(line.utf8)) }
        records = try ReportCatalogue(directory: directory)
    }

    private func told(_ text: String) throws -> [[String]] { try TaskStory.all(text, records).map(\.lines) }

    @Test func nothingIsDamage() { #expect(records.damage.isEmpty) }

    @Test func saysWhyATaskRanAndWhatHappenedBefore() throws {
        #expect(
            try told("Sel_a") == [
                [
                    "Sel(d=a)",
                    "  done on 1970-01-01 00:00:20 UTC, in 1.5 s, try 2",
                    "  run by anna on lxplus; report \(ReportName(segment: "one", number: 3))",
                    "  ran because its try before had failed",
                    "  what it printed: martlet logs Sel_a",
                    "  before that, 1 execution:",
                    "    1970-01-01 00:00:10  failed: ValueError: no jets",
                ]
            ])
    }

    @Test func saysWhoStandsBehindIt() throws {
        #expect(
            try told("Merge") == [
                [
                    "Merge()",
                    "  blocked on 1970-01-01 00:00:40 UTC: needs Sel(d=b)",
                    "    Sel(d=b): failed: ValueError: no b",
                ]
            ])
        #expect(
            try told("Plot(x=1)") == [
                [
                    "Plot(x=1)",
                    "  blocked on 1970-01-01 00:00:40 UTC: needs Data()",
                    "    Data(): missing: external, and d.root is not there",
                ]
            ])
    }

    @Test func tasksAreFoundAsUsersWriteThem() throws {
        #expect(try records.tasks("Sel") == ["Sel_a", "Sel_b"])
        #expect(try records.tasks("*(d=*") == ["Sel_a", "Sel_b"])
        #expect(try records.tasks("Plo") == ["Plot_1"])
        let unknown = #expect(throws: Diagnostic.self) { _ = try records.tasks("Slel(d=a)") }
        #expect(unknown == Diagnostic(.unknownTask, subject: "Slel(d=a)", cause: "did you mean Sel(d=a)?"))
        #expect(#expect(throws: Diagnostic.self) { _ = try records.tasks("Sel_") }?.code == .ambiguousTask)
    }

    @Test func saysWhichRunIsAtWorkOnIt() throws {
        // what `martlet.running.claims` calls them: the one ran well before, the other's parameters do not all identify it
        let ids = ["Sel_a": "Sel\0a", "Skim_1": "Skim\0ttJets\03"]
        let line =
            #""task":"Skim_1","family":"Skim","params":{"debug":"yes","shift":"3","dataset":"ttJets"},"#
            + #""title":"Skim(shift=3, dataset=ttJets)","state":"failed","start":1,"wall":1,"worker":1"#
        let more = SegmentHeader(kind: .reports, segment: "two", host: "lxplus", user: "anna", pid: 8, started: 0)
        _ = try SegmentWriter(directory: StateDirectory.reports(in: folder.path), header: more).append(
            Array(line.utf8))
        let records = try ReportCatalogue(directory: StateDirectory.reports(in: folder.path))
        let leases = LocalLeases(directory: Path.join(folder.path, "leases"))
        leases.observe()
        try leases.join(now: 0)
        try leases.claim(ids.values.map { TaskDigest(of: $0) }, startingNow: 2, now: 0)
        for task in ids.keys {
            let story = try #require(try TaskStory.all(task, records, state: folder.path).first)
            #expect(story.lines[1].hasPrefix("  running now on "))
            #expect(story.json["held"]?["run"]?.string?.isEmpty == false)
        }
        #expect(try TaskStory.all("Sel_b", records, state: folder.path)[0].held == nil)
        leases.end(processesLeft: false)
        #expect(try TaskStory.all("Sel_a", records, state: folder.path)[0].held == nil)
    }

    @Test func whatEndedWellSinceItWasClaimedDoesNotRunNow() throws {
        let leases = LocalLeases(directory: Path.join(folder.path, "leases"))
        leases.observe()
        try leases.join(now: 0)
        try leases.claim([TaskDigest(of: "Late\0")], startingNow: 1, now: 0)
        let line = #""task":"Late_1","family":"Late","params":{"x":""},"state":"done","start":9000000000000000000,"wall":1,"worker":1"#
        let more = SegmentHeader(kind: .reports, segment: "two", host: "lxplus", user: "anna", pid: 8, started: 0)
        _ = try SegmentWriter(directory: StateDirectory.reports(in: folder.path), header: more).append(Array(line.utf8))
        let records = try ReportCatalogue(directory: StateDirectory.reports(in: folder.path))
        #expect(try TaskStory.all("Late_1", records, state: folder.path)[0].held == nil)
        leases.end(processesLeft: false)
    }

    @Test func saysWhichInputsWereMadeAnewSince() throws {
        let line = { (task: String, start: Int, more: String) in
            #""task":"\#(task)","family":"\#(task)","state":"done","start":\#(start * 1_000_000_000),"wall":1\#(more)"#
        }
        let more = SegmentHeader(kind: .reports, segment: "two", host: "lxplus", user: "anna", pid: 8, started: 0)
        let writer = SegmentWriter(directory: StateDirectory.reports(in: folder.path), header: more)
        let consumed = ReportName(segment: "two", number: 1)
        for text in [
            line("In", 100, ""), line("Out", 101, #","inputs":["In","Hand"],"used":["\#(consumed)",""]"#),
        ] { _ = try writer.append(Array(text.utf8)) }
        func told() throws -> [String] {
            let records = try ReportCatalogue(directory: StateDirectory.reports(in: folder.path))
            return try TaskStory.all("Out", records)[0].lines.filter { $0.contains("stale") }
        }
        #expect(try told() == [])
        _ = try writer.append(Array(line("In", 102, "").utf8))
        let name = ReportName(segment: "two", number: 3)
        #expect(try told() == ["  stale: In() was made anew on 1970-01-01 00:01:42 UTC, report \(name)"])
    }

    @Test func tellsPrograms() throws {
        let json = try TaskStory.all("Merge_1", records)[0].json
        #expect(json["unrun"]?["behind"]?.string == "Sel_b")
        #expect(json["executions"]?.array?.isEmpty == true)
        #expect(try TaskStory("Sel_a", records).json["executions"]?.array?.count == 2)
    }
}
