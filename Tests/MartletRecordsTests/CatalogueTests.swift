import MartletModel
import MartletPorts
import MartletRecords
import MartletSystem
import MartletTesting
import Testing

@Suite struct CatalogueTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("records") }

    private func record(_ reports: [Report]) throws {
        let writer = SegmentWriter(directory: scratch.path, header: .forThisProcess())
        for report in reports { _ = try writer.append(members(report)) }
    }

    @Test func theNewestExecutionCountsWhicheverFileItIsIn() throws {
        try record([sampleReport("A_1", start: 30), sampleReport("B_1", start: 10)])
        try record([sampleReport("A_1", start: 20, outcome: .failed), sampleReport("B_1", start: 40, outcome: .failed)])
        let catalogue = try ReportCatalogue(directory: scratch.path)
        #expect(catalogue.newest(of: "A_1")?.report.execution.outcome == .done)
        #expect(catalogue.newest(of: "B_1")?.report.execution.outcome == .failed)
        #expect(catalogue.newest.map(\.report.task) == ["A_1", "B_1"])
        #expect(catalogue.history(of: "A_1").map(\.report.execution.start) == [20, 30])
        #expect(catalogue.executions.count == 4)
        #expect(catalogue.headers.count == 2)
    }

    @Test func tasksAreFoundByWhatUsersType() throws {
        try record([
            sampleReport("Sel_a1", start: 1), sampleReport("Sel_a2", start: 2), sampleReport("Reco_b", start: 3),
        ])
        let catalogue = try ReportCatalogue(directory: scratch.path)
        #expect(try catalogue.find("Sel_a1").report.task == "Sel_a1")
        #expect(try catalogue.find("Reco").report.task == "Reco_b")
        #expect(try catalogue.find("Sel_a2()").report.task == "Sel_a2")
        #expect(catalogue.matching("Sel*").map(\.report.task) == ["Sel_a1", "Sel_a2"])
        #expect(catalogue.matching("Reco").map(\.report.task) == ["Reco_b"])
        let ambiguous = #expect(throws: Diagnostic.self) { _ = try catalogue.find("Sel_") }
        #expect(ambiguous == Diagnostic(.ambiguousTask, subject: "Sel_", cause: "Sel_a1, Sel_a2"))
        let unknown = #expect(throws: Diagnostic.self) { _ = try catalogue.find("Plots") }
        #expect(unknown?.code == .unknownTask)
    }

    @Test func eachTaskOfABatchIsFound() throws {
        let writer = SegmentWriter(directory: scratch.path, header: .forThisProcess())
        let line = #"""
            "task":"Sel_12","family":"Sel","params":{"d":"tt","n":"(1, 2)"},"outputs":[["o1",1,1],["o2",1,1]],\#
            "batch":[["n"],["Sel_1","1"],["Sel_2","2"]],"state":"done","start":5,"wall":2,"cpu":4,"worker":1,\#
            "log":["logs/w",3,4]
            """#
        _ = try writer.append(Array(line.utf8))
        let catalogue = try ReportCatalogue(directory: scratch.path)
        #expect(catalogue.damage.isEmpty)
        #expect(catalogue.newest.map(\.report.task) == ["Sel_1", "Sel_2"])
        #expect(catalogue.newest.map(\.report.title) == ["Sel(d=tt, n=1)", "Sel(d=tt, n=2)"])
        #expect(catalogue.newest.compactMap(\.report.execution.cpu).reduce(0, +) == 4)
        let second = try catalogue.find("Sel(d=tt, n=2)")
        #expect(second.report.execution.log == Execution.LogSpan(file: "logs/w", offset: 3, length: 4))
        #expect(second.report.batch?.members.map(\.task) == ["Sel_1", "Sel_2"])
    }

    @Test(arguments: [#"[]"#, #"[["n"],["Sel_1"]]"#, #"[["n"],["Sel_1",7]]"#, #"[7]"#])
    func aMalformedBatchIsTold(batch: String) throws {
        let writer = SegmentWriter(directory: scratch.path, header: .forThisProcess())
        _ = try writer.append(Array(#""task":"A","batch":\#(batch),"state":"done","start":5"#.utf8))
        let catalogue = try ReportCatalogue(directory: scratch.path)
        #expect(catalogue.damage.map(\.code) == [.recordMalformed] && catalogue.isEmpty)
    }

    @Test func nothingRecordedIsAnEmptyCatalogue() throws {
        let catalogue = try ReportCatalogue(directory: "\(scratch.path)/none")
        #expect(catalogue.isEmpty)
        let error = #expect(throws: Diagnostic.self) { _ = try catalogue.find("A") }
        #expect(error?.code == .noRecords)
    }

    @Test func whatCannotBeUsedIsToldAndTheRestUsed() throws {
        try record([sampleReport("A_1", start: 1)])
        let writer = SegmentWriter(directory: scratch.path, header: .forThisProcess())
        _ = try writer.append(Array("\"task\":\"no state\"".utf8))
        _ = try writer.append(members(sampleReport("B_1", start: 2)))
        var newer = Array("{\"martlet\":\"reports\",\"version\":9".utf8)
        newer += Array(",\"crc\":\"\(Hex.text(CRC32C.checksum(newer)))\"}\n".utf8)
        try File.replace("\(scratch.path)/newer.jsonl", with: newer)
        let catalogue = try ReportCatalogue(directory: scratch.path)
        #expect(catalogue.newest.map(\.report.task) == ["A_1", "B_1"])
        #expect(
            catalogue.damage.map(\.code).sorted { $0.rawValue < $1.rawValue } == [.recordMalformed, .recordNewerFormat])
    }
}
