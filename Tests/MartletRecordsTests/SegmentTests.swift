import Glibc
import MartletModel
import MartletPorts
import MartletRecords
import MartletSystem
import MartletTesting
import Testing

func sampleReport(_ task: String, start: Int64, outcome: Execution.Outcome = .done) -> Report {
    Report(
        task: task, family: String(task.prefix { $0 != "_" }), title: "\(task)()",
        outputs: [RecordedOutput(path: "\(task).root", size: 20, modified: start)],
        execution: Execution(outcome: outcome, start: start, wall: 0.5))
}

func members(_ report: Report) -> [UInt8] {
    var bytes: [UInt8] = []
    report.encode(into: &bytes)
    return bytes
}

@Suite struct SegmentTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("records") }

    private func writeSample(_ count: Int) throws -> (writer: SegmentWriter, bytes: [UInt8]) {
        let writer = SegmentWriter(
            directory: scratch.path, header: .forThisProcess(code: .object([JSONMember("v", .integer(1))])))
        for i in 1...count {
            #expect(try writer.append(members(sampleReport("T_\(i)", start: Int64(i)))) == UInt64(i))
        }
        try writer.settle()
        return (writer, try File.read(writer.path))
    }

    @Test func whatIsWrittenIsRead() throws {
        let (writer, bytes) = try writeSample(3)
        let segment = try SegmentReader.read(writer.path)
        #expect(segment.header == writer.header)
        #expect(segment.damage.isEmpty)
        #expect(segment.lines.map(\.number) == [1, 2, 3])
        #expect(
            try segment.lines.map { try Report(json: $0.json) } == (1...3).map { sampleReport("T_\($0)", start: $0) })
        #expect(bytes.last == UInt8(ascii: "\n"))
    }

    @Test func nothingIsMadeBeforeTheFirstRecord() throws {
        let writer = SegmentWriter(directory: "\(scratch.path)", header: .forThisProcess())
        try writer.settle()
        #expect(try Directory.list(scratch.path).isEmpty)
    }

    @Test func twoWritersNeverShareAFile() throws {
        #expect(SegmentHeader.forThisProcess().segment != SegmentHeader.forThisProcess().segment)
        let (writer, _) = try writeSample(1)
        let second = SegmentWriter(directory: scratch.path, header: writer.header)
        let error = #expect(throws: Diagnostic.self) { _ = try second.append(Array("\"a\":1".utf8)) }
        #expect(error?.code == .recordUnwritable)
    }

    @Test func truncationAnywhereLosesTheTailAlone() throws {
        let (writer, bytes) = try writeSample(3)
        let whole = try SegmentReader.parse(bytes, path: "")
        // ends[i]: where line i (the header is line 0) ends, without its line feed
        let ends = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }
        for length in 0...bytes.count {
            let segment = try SegmentReader.parse(Array(bytes[..<length]), path: writer.path)
            let expected = ends.dropFirst().count { $0 <= length }
            #expect(segment.lines == Array(whole.lines.prefix(expected)), "cut at \(length)")
            #expect((segment.header != nil) == (length >= ends[0]))
            let atBoundary = length == 0 || ends.contains(length) || ends.contains(length - 1)
            #expect(segment.damage.isEmpty == atBoundary, "cut at \(length)")
        }
    }

    @Test func everyFlippedBitIsSeenAndHurtsItsOwnLineAlone() throws {
        let (writer, bytes) = try writeSample(3)
        let whole = try SegmentReader.parse(bytes, path: "")
        for position in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[position] ^= 1 << bit
                let segment = try SegmentReader.parse(changed, path: writer.path)
                if position == bytes.count - 1 {
                    // the last line feed: the line is not whole any more
                    #expect(segment.lines.count == 2)
                }
                #expect(!segment.damage.isEmpty, "byte \(position), bit \(bit)")
                #expect(segment.lines.allSatisfy(whole.lines.contains))
                // a changed line feed joins two lines
                let torn = bytes[position] == UInt8(ascii: "\n") ? 2 : 1
                #expect(
                    segment.lines.count + (segment.header == nil ? 0 : 1) >= 4 - torn, "byte \(position), bit \(bit)")
            }
        }
    }

    @Test func noiseIsNoReasonToCrash() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let noise = (0..<Int.random(in: 0..<400, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let segment = try SegmentReader.parse(noise, path: "noise")
            #expect(segment.lines.isEmpty)
        }
    }

    @Test func aNewerFormatIsRefused() throws {
        var line = Array("{\"martlet\":\"reports\",\"version\":\(SegmentHeader.Kind.reports.version + 1),\"segment\":\"x\"".utf8)
        let crc = CRC32C.checksum(line)
        line += Array(",\"crc\":\"\(Hex.text(crc))\"}\n".utf8)
        let error = #expect(throws: Diagnostic.self) { _ = try SegmentReader.parse(line, path: "x.jsonl") }
        #expect(error?.code == .recordNewerFormat)
        #expect(error?.subject == "x.jsonl")
    }

    @Test func aRecordWithALineFeedIsRefused() throws {
        let (writer, before) = try writeSample(1)
        #expect(throws: Diagnostic.self) { _ = try writer.append(Array("\"a\":\n1".utf8)) }
        #expect(try File.read(writer.path) == before)
        #expect(try writer.append(Array("\"a\":1".utf8)) == 2)
    }

    /// A disk with so many bytes left: takes what fits, then refuses.
    private final class Disk {
        var left = Int.max

        func write(_ file: Descriptor, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
            if left == 0 { throw SystemError(ENOSPC, "write") }
            let taken = try File.writeOnce(file, UnsafeRawBufferPointer(rebasing: bytes.prefix(left)))
            left -= taken
            return taken
        }
    }

    @Test(arguments: [0, 1, 40]) func aFullDiskIsToldAndNothingHalfIsLeft(left: Int) throws {
        let disk = Disk()
        let writer = SegmentWriter(directory: scratch.path, header: .forThisProcess(), write: disk.write)
        #expect(try writer.append(members(sampleReport("T_1", start: 1))) == 1)
        let before = try File.read(writer.path)
        disk.left = left
        let error = #expect(throws: Diagnostic.self) { _ = try writer.append(members(sampleReport("T_2", start: 2))) }
        #expect(error == Diagnostic(.recordUnwritable, subject: writer.path, cause: "No space left on device"))
        #expect(try File.read(writer.path) == before)
        disk.left = Int.max
        #expect(try writer.append(members(sampleReport("T_2", start: 2))) == 2)
        let segment = try SegmentReader.read(writer.path)
        #expect(segment.lines.map(\.number) == [1, 2])
        #expect(segment.damage.isEmpty)
    }

    @Test func aDiskThatWasFullForTheHeaderIsUsedOnceThereIsRoom() throws {
        let disk = Disk()
        disk.left = 10
        let writer = SegmentWriter(directory: scratch.path, header: .forThisProcess(), write: disk.write)
        #expect(throws: Diagnostic.self) { _ = try writer.append(members(sampleReport("T_1", start: 1))) }
        disk.left = Int.max
        #expect(try writer.append(members(sampleReport("T_1", start: 1))) == 1)
        #expect(try SegmentReader.read(writer.path).header == writer.header)
    }

    @Test func anUnwritableDirectoryIsNamed() throws {
        let blocked = "\(scratch.path)/file"
        _ = try File.openNew(blocked)
        let writer = SegmentWriter(directory: "\(blocked)/reports", header: .forThisProcess())
        let error = #expect(throws: Diagnostic.self) { _ = try writer.append(Array("\"a\":1".utf8)) }
        #expect(error?.code == .recordUnwritable)
        #expect(error?.cause == "Not a directory")
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
