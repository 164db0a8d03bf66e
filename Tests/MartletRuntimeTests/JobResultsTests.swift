import Glibc
import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRuntime

/// What a job writes as its result, on disks that fill up.
final class JobResultsTests {
    private let scratch: ScratchDirectory
    private let segments = MemorySegments()
    private var path: String { "\(scratch.path)/0.result" }
    /// Bytes that the disk has room for.
    private var room = Int.max

    init() throws { scratch = try ScratchDirectory("results") }

    private func results(carries: Bool = true) -> JobResults {
        let site = JobSite(["result": .string(path), "log": .string("l"), "carries": .bool(carries)])!
        return JobResults(site, segments) { [unowned self] (file, bytes) throws(SystemError) in
            if room == 0 { throw SystemError(ENOSPC, "write") }
            let taken = try File.writeOnce(file, UnsafeRawBufferPointer(rebasing: bytes.prefix(room)))
            room -= taken
            return taken
        }
    }

    private func ended(_ place: Int) -> [(frame: OutcomeFrame, place: ReportPlace?)] {
        let frame = OutcomeFrame(
            task: TaskIndex(place), kind: .done, start: 5, wall: 1, cpu: 1, peak: 9, text: "", fragment: Array("\"a\":1".utf8))
        return [(frame, ReportPlace(segment: "s", number: UInt64(place)))]
    }

    private func left() throws -> JobResult { JobResult(try File.read(path)) }

    @Test func halfAFrameIsTakenBackBeforeTheNext() throws {
        var results = results()
        try results.begin(behind: ReportPlace(segment: "s", number: 0))
        segments.content["s"] = [1]
        try results.add(ended(0), moment: 9)
        segments.content["s"] = [1, 2]
        room = 70
        #expect(throws: SystemError.self) { try results.add(self.ended(1), moment: 9) }
        #expect(try left().outcomes.keys.sorted() == [0])
        room = .max
        segments.content["s"] = [1, 2, 3]
        try results.add(ended(2), moment: 9)
        #expect(try left().outcomes.keys.sorted() == [0, 2])
        // what did not arrive travels with the next
        #expect(try left().carried.map(\.bytes) == [[1, 2, 3]])
    }

    @Test func anotherSegmentIsNamedWhereFilesAreShared() throws {
        var results = results(carries: false)
        try results.begin(behind: ReportPlace(segment: "r", number: 0))
        try results.add(ended(0), moment: 9)
        try results.add(ended(1), moment: 9)
        #expect(try left().segments.map(\.segment) == ["r", "s"] && left().carried.isEmpty)
    }

    @Test func zerosThatANodeLeftAreNoOutcomes() throws {
        var results = results()
        try results.begin(behind: ReportPlace(segment: "s", number: 0))
        try results.add(ended(3), moment: 9)
        let whole = try File.read(path)
        for zeros in [1, 4, 63, 64, 65, 4096] {
            let result = JobResult(whole + [UInt8](repeating: 0, count: zeros))
            #expect(result.outcomes.keys.sorted() == [3] && result.segment == "s")
        }
    }
}
