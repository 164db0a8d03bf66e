import MartletModel
import MartletRecords
import Testing

/// A segment as version 1 of the format has it. It stays as it is: every later version must read it.
private let version1 = #"""
{"martlet":"reports","version":1,"segment":"20261123T001502Z-node1-4711-9f03ab12","host":"node1.example.org","user":"ana","pid":4711,"started":1795392902123456789,"code":{"script":"reco.py"},"environment":{"python":"3.12.4"},"crc":"5dd57d96"}
{"n":1,"task":"Selection_ttJets_3_9a1","family":"Selection","params":{"dataset":"ttJets","file":3},"outputs":[["out/ttJets_3.root",48213,1795392903000000000],["https://store/x",null,null]],"inputs":["Events_ttJets_3_77c"],"state":"done","start":1795392902500000000,"wall":0.412,"cpu":0.398,"rss":183204,"worker":2,"log":["logs/worker-2.log",10240,512],"why":["outputAbsent"],"crc":"cebaba35"}
{"n":2,"task":"Plots_µ","family":"Plots","title":"the plots","params":{},"outputs":[],"inputs":["Selection_ttJets_3_9a1"],"state":"failed","cause":"ValueError: no events","start":1795392904000000000,"wall":1,"worker":0,"try":2,"why":["dependencyRan","Selection_ttJets_3_9a1"],"crc":"ebc5836a"}

"""#

@Suite struct FormatVersion1Tests {
    @Test func isReadForEver() throws {
        let segment = try SegmentReader.parse(Array(version1.utf8), path: "version1")
        #expect(segment.damage.isEmpty)
        let header = try #require(segment.header)
        #expect(header.kind == .reports && header.host == "node1.example.org" && header.user == "ana")
        #expect(header.pid == 4711 && header.started == 1_795_392_902_123_456_789)
        #expect(header.segment == "20261123T001502Z-node1-4711-9f03ab12")
        #expect(header.code["script"] == .string("reco.py"))
        #expect(header.environment["python"] == .string("3.12.4"))
        #expect(segment.lines.map(\.number) == [1, 2])
        #expect(try segment.lines.map { try Report(json: $0.json) } == [selection, plots])
    }

    private var selection: Report {
        Report(
            task: "Selection_ttJets_3_9a1", family: "Selection", title: "Selection(dataset=ttJets, file=3)",
            parameters: .object([JSONMember("dataset", .string("ttJets")), JSONMember("file", .integer(3))]),
            outputs: [
                RecordedOutput(path: "out/ttJets_3.root", size: 48213, modified: 1_795_392_903_000_000_000),
                RecordedOutput(path: "https://store/x", size: nil, modified: nil),
            ], inputs: ["Events_ttJets_3_77c"],
            execution: Execution(
                outcome: .done, start: 1_795_392_902_500_000_000, wall: 0.412, cpu: 0.398, memory: 183_204, worker: 2,
                log: Execution.LogSpan(file: "logs/worker-2.log", offset: 10240, length: 512),
                reason: Execution.Reason(code: "outputAbsent")))
    }

    private var plots: Report {
        Report(
            task: "Plots_µ", family: "Plots", title: "the plots", inputs: ["Selection_ttJets_3_9a1"],
            execution: Execution(
                outcome: .failed, cause: "ValueError: no events", start: 1_795_392_904_000_000_000, wall: 1, attempt: 2,
                reason: Execution.Reason(code: "dependencyRan", task: "Selection_ttJets_3_9a1")))
    }
}
