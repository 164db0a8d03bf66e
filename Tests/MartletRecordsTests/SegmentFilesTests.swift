import MartletModel
import MartletPorts
import MartletRecords
import MartletSystem
import MartletTesting
import Testing

/// Never shows more than the first byte of what it was given.
private struct Forgetful: SegmentFolder {
    let segments = MemorySegments()
    func bytes(of segment: String, from offset: UInt64) -> [UInt8] { segments.bytes(of: segment, from: offset) }
    func place(_ segment: String, _ bytes: [UInt8]) throws(Diagnostic) { try segments.place(segment, Array(bytes.prefix(1))) }
    func executions(in segment: String) -> [RecordedExecution] { [] }
    func latestMoment() -> Int64? { nil }
}

final class SegmentFilesTests {
    private let scratch: ScratchDirectory
    private var directory: String { "\(scratch.path)/reports" }

    init() throws { scratch = try ScratchDirectory("segments") }

    /// A segment with two executions, and as it was after the first.
    private func segments() throws -> (short: [UInt8], long: [UInt8]) {
        let writer = Area(path: "\(scratch.path)/elsewhere").writer("one")
        _ = try writer.append(members(sampleReport("T_1", start: 1)))
        let short = try File.read(writer.path)
        _ = try writer.append(members(sampleReport("T_2", start: 2, outcome: .failed)))
        return (short, try File.read(writer.path))
    }

    @Test func filesKeepTheContract() throws {
        let found = try segmentFolderContract(SegmentFiles(directory: directory), try segments())
        #expect(found.isEmpty, "\(found)")
    }

    @Test func thoseInMemoryKeepTheContract() throws {
        let found = try segmentFolderContract(MemorySegments(), try segments())
        #expect(found.isEmpty, "\(found)")
    }

    @Test func theContractSeesMistakes() throws {
        #expect(try !segmentFolderContract(Forgetful(), try segments()).isEmpty)
    }

    @Test func aSegmentTellsOfItsExecutions() throws {
        let files = SegmentFiles(directory: directory)
        try files.place("one", try segments().long)
        let told = files.executions(in: "one")
        #expect(told.map(\.task) == ["T_1", "T_2"] && told.map(\.number) == [1, 2])
        #expect(told.map(\.execution.outcome) == [.done, .failed])
    }

    @Test(arguments: ["", ".hidden", "../one", "a/b", "a\0b"])
    func whatIsNoNameOfASegmentLeadsNowhere(_ name: String) throws {
        let files = SegmentFiles(directory: directory)
        #expect(throws: Diagnostic.self) { try files.place(name, [1]) }
        #expect(throws: Diagnostic.self) { try files.bytes(of: name, from: 0) }
        #expect(files.executions(in: name).isEmpty)
    }
}
