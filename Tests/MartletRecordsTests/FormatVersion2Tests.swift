import MartletModel
import MartletPorts
import MartletRecords
import MartletSystem
import MartletTesting
import Testing

/// A segment as version 2 of the format has it. It stays as it is: every later version must read it.
private let version2 = #"""
{"martlet":"reports","version":2,"segment":"20261130T001502Z-node1-4711-9f03ab12","host":"node1.example.org","user":"ana","pid":4711,"started":1796000000123456789,"code":{"script":"reco.py"},"environment":{"python":"3.12.4"},"crc":"66a1582a"}
{"n":1,"fact":"code","digest":"290a10918ac5ceaa","class":"reco.py:Selection","fingerprint":"a95c8a0785356714","files":{"cuts.py":"351a57b2","reco.py":"54af7b50"},"defaults":{"file":"1"},"revision":"4881bcbcc08b159c8b8295809162d66f34847628","dirty":["cuts.py"],"crc":"71259c48"}
{"n":2,"fact":"environment","digest":"692c9ecf46845b75","python":"3.12.4","implementation":"cpython","machine":"x86_64","martlet":"0.2.0","packages":{"numpy":"2.1.0"},"crc":"0040fd01"}
{"n":3,"fact":"weather","digest":"0000000000000000","sky":"blue","crc":"c6427bbf"}
{"n":4,"task":"Selection_3_9a1","family":"Selection","params":{"file":"3"},"outputs":[["out/3.root",48213,1796000003000000000,"adler32:0a1b2c3d"]],"inputs":["Events_3_77c","Raw_3_12d"],"state":"done","start":1796000002500000000,"wall":0.412,"cpu":0.398,"rss":183204,"worker":2,"why":["codeChanged"],"code":"290a10918ac5ceaa","env":"692c9ecf46845b75","used":["","9a961590d03c"],"taken":[["raw.txt",4,1796000001000000000]],"crc":"053adef1"}
{"n":5,"task":"Merge_1","family":"Merge","params":{},"needs":{"Selection":1250},"state":"done","start":1796000004000000000,"wall":1,"worker":0,"why":["inputsChanged","Selection_3_9a1"],"code":"290a10918ac5ceaa","env":"692c9ecf46845b75","used":"0123456789abcdef","crc":"98055c6c"}

"""#

@Suite struct FormatVersion2Tests {
    @Test func isReadForEver() throws {
        let read = try SegmentReader.parse(Array(version2.utf8), path: "version2")
        #expect(read.damage.isEmpty && read.header?.host == "node1.example.org")
        let code = try #require(Fact(json: read.lines[0].json))
        #expect(code.kind == .code && code.digest == "290a10918ac5ceaa")
        #expect(code.content["fingerprint"] == .string("a95c8a0785356714") && code.content["n"] == nil)
        #expect(Fact(json: read.lines[2].json) == nil)

        let selection = try Report(json: read.lines[3].json)
        #expect(selection.execution.facts == Execution.Facts(code: "290a10918ac5ceaa", environment: "692c9ecf46845b75"))
        #expect(selection.execution.consumed == .each([nil, ReportName("9a961590d03c")]))
        #expect(selection.execution.taken == [RecordedOutput(path: "raw.txt", size: 4, modified: 1_796_000_001_000_000_000)])
        #expect(selection.outputs[0].checksum == "adler32:0a1b2c3d")
        let merge = try Report(json: read.lines[4].json)
        #expect(merge.needs == ["Selection": 1250] && merge.execution.consumed == .all("0123456789abcdef"))
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let read = try SegmentReader.parse(Array(version2.utf8), path: "version2")
        for line in read.lines[3...] {
            let report = try Report(json: line.json)
            var bytes: [UInt8] = []
            report.encode(into: &bytes)
            #expect(try Report(json: JSON.parse([UInt8(ascii: "{")] + bytes + [UInt8(ascii: "}")])) == report)
        }
        let fact = Fact(.environment, .object([JSONMember("python", .string("3.12.4"))]))
        #expect(try Fact(json: JSON.parse([UInt8(ascii: "{")] + fact.line + [UInt8(ascii: "}")])) == fact)
        #expect(fact.digest != Fact(.sandbox, fact.content).digest)
    }

    @Test func theIndexTellsWhereTasksStand() throws {
        let scratch = try ScratchDirectory("index")
        let failed = #"{"n":6,"task":"Selection_3_9a1","family":"Selection","params":{},"state":"failed","start":1796000009000000000,"crc":"0a0ddee2"}"# + "\n"
        let file = try File.openNew("\(scratch.path)/20261130T001502Z-node1-4711-9f03ab12.jsonl")
        try File.writeAll(file, Array((version2 + failed).utf8))
        let index = CatalogueIndex { () throws(Diagnostic) in try ReportCatalogue(directory: scratch.path) }
        let look = try index.look(up: ["Selection_3_9a1", "Nobody", "Merge_1"])
        #expect(look.reports.map { $0?.outcome } == [.failed, nil, .done])
        // the newest success is what others consumed
        #expect(look.reports[0]?.success == ReportName(segment: "20261130T001502Z-node1-4711-9f03ab12", number: 4))
        #expect(look.reports[0]?.nameless == .tasks(["Events_3_77c"]))
        #expect(look.facts["290a10918ac5ceaa"]?.content["class"] == .string("reco.py:Selection"))
    }

    @Test func whoRefersToFactsAndUsedNothingRequiredNothing() throws {
        let scratch = try ScratchDirectory("index")
        let report = { (task: String, facts: Execution.Facts, names: [ReportName?]) in
            var report = sampleReport(task, start: 1)
            report.execution.facts = facts
            if !names.isEmpty { report.execution.consumed = ConsumedReports(names) }
            if names.count > ConsumedReports.most { report.execution.nameless = names.count { $0 == nil } }
            return report
        }
        let facts = Execution.Facts(environment: "692c9ecf46845b75")
        let many = [nil] + (1...40).map { ReportName(segment: "s", number: $0) as ReportName? }
        try Area(path: scratch.path).record(
            by: "one", [report("Told", facts, []), report("Old", Execution.Facts(), []), report("Many", facts, many)])
        let index = CatalogueIndex { () throws(Diagnostic) in try ReportCatalogue(directory: scratch.path) }
        let look = try index.look(up: ["Told", "Old", "Many"])
        #expect(look.reports.map { $0?.consumed } == [.each([]), nil, ConsumedReports(many)])
        #expect(look.reports[2]?.nameless == .count(1))
    }

    @Test func aRemovalIsNoFailure() throws {
        let scratch = try ScratchDirectory("index")
        var removal = sampleReport("A_1", start: 2 * second)
        removal.execution.outcome = .removed
        removal.execution.removed = ["A_1.root"]
        removal.execution.cause = "its outputs were removed"
        let line = String(decoding: members(removal), as: UTF8.self)
        #expect(line.contains(#""state":"failed""#) && line.hasSuffix(#""removed":["A_1.root"]"#), "older readers take it")
        #expect(try Report(json: JSON.parse("{\(line)}")) == removal)
        let failure = sampleReport("B_1", start: second, outcome: .failed)
        try Area(path: scratch.path).record(by: "one", [sampleReport("A_1", start: second), removal, failure])
        let records = try ReportCatalogue(directory: scratch.path)
        #expect(try records.newest(fitting: "*", failed: true).map(\.task) == ["B_1"])
        let status = try AreaStatus(records)
        let family = try #require(status.families.first { $0.name == "A" })
        #expect((family.tasks, family.done, family.failed, family.removed) == (1, 0, 0, 1))
        #expect(status.failures.map(\.execution.task) == ["B_1"])
        let standing = try CatalogueIndex { () throws(Diagnostic) in records }.look(up: ["A_1"]).reports[0]
        #expect(standing?.outcome == .removed && standing?.success == ReportName(segment: "one", number: 1))
        #expect(try Estimate(records, [("A", 1)]).families.map(\.failed) == [0])
    }
}
