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
