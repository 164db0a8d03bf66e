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

    /// Of processes that did not see each other's records.
    @Test func theNewestExecutionCountsWhicheverFileItIsIn() throws {
        try area("one").record(
            by: "one", [sampleReport("A_1", start: 30 * second), sampleReport("B_1", start: 10 * second)])
        try area("two").record(
            by: "two", [sampleReport("A_1", start: 20 * second, outcome: .failed), sampleReport("B_1", start: 40 * second, outcome: .failed)])
        try merge("one", "two")
        let catalogue = try ReportCatalogue(directory: scratch.path)
        #expect(try catalogue.newest(of: "A_1")?.outcome == .done)
        #expect(try catalogue.newest(of: "B_1")?.outcome == .failed)
        #expect(try catalogue.newest().map(\.task) == ["A_1", "B_1"])
        #expect(try catalogue.history(of: "A_1").map(\.start) == [20 * second, 30 * second])
        #expect(try catalogue.executions().count == 4)
        #expect(Set(try catalogue.executions().map(\.segment)).count == 2)
    }

    private func area(_ name: String) -> Area { Area(path: "\(scratch.path)/\(name)") }

    /// Copies segments of areas together.
    private func merge(_ names: String...) throws {
        for name in names {
            for file in try Directory.list(area(name).path) {
                try File.rename("\(area(name).path)/\(file.name)", to: "\(scratch.path)/\(file.name)")
            }
        }
    }

    @Test func tasksAreFoundByWhatUsersType() throws {
        try record([
            sampleReport("Sel_a1", start: 1), sampleReport("Sel_a2", start: 2), sampleReport("Reco_b", start: 3),
        ])
        let catalogue = try ReportCatalogue(directory: scratch.path)
        #expect(try catalogue.find("Sel_a1").task == "Sel_a1")
        #expect(try catalogue.find("Reco").task == "Reco_b")
        #expect(try catalogue.find("Sel_a2()").task == "Sel_a2")
        #expect(try catalogue.newest(fitting: "Sel*").map(\.task) == ["Sel_a1", "Sel_a2"])
        #expect(try catalogue.newest(fitting: "Reco").map(\.task) == ["Reco_b"])
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
        #expect(try catalogue.newest().map(\.task) == ["Sel_1", "Sel_2"])
        #expect(try catalogue.newest().map(\.title) == ["Sel(d=tt, n=1)", "Sel(d=tt, n=2)"])
        #expect(try catalogue.newest().compactMap(\.cpu).reduce(0, +) == 4)
        let second = try catalogue.report(of: catalogue.find("Sel(d=tt, n=2)"))
        #expect(second.execution.log == Execution.LogSpan(file: "logs/w", offset: 3, length: 4))
        #expect(second.batch?.members.map(\.task) == ["Sel_1", "Sel_2"])
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
        #expect(try catalogue.newest().map(\.task) == ["A_1", "B_1"])
        #expect(
            catalogue.damage.map(\.code).sorted { $0.rawValue < $1.rawValue } == [.recordMalformed, .recordNewerFormat])
    }
}
