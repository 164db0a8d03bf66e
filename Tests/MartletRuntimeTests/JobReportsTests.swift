import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletEngine
@testable import MartletRuntime

/// Segments in memory.
final class MemorySegments: SegmentFolder {
    var content: [String: [UInt8]] = [:]
    var told: [String: [(number: UInt64, task: String, execution: Execution)]] = [:]
    var isFull = false
    /// How often a segment was read.
    private(set) var reads = 0

    func bytes(of segment: String, from offset: UInt64) -> [UInt8] { Array((content[segment] ?? []).dropFirst(Int(offset))) }

    func place(_ segment: String, _ bytes: [UInt8]) throws(Diagnostic) {
        if isFull { throw Diagnostic(.recordUnwritable, subject: segment, cause: "No space left on device") }
        content[segment] = bytes
    }

    func executions(in segment: String) -> [(number: UInt64, task: String, execution: Execution)] {
        reads += 1
        return told[segment] ?? []
    }
}

/// What jobs report themselves, and what is made of it where they are collected.
struct JobReportsTests {
    private func frame(_ place: Int, _ kind: Outcome.Kind = .done, _ text: String = "") -> OutcomeFrame {
        OutcomeFrame(
            task: TaskIndex(place), kind: kind, start: 5, wall: 1.5, cpu: 1, peak: 9, text: text, fragment: Array("\"task\":\"a\"".utf8))
    }

    private func place(_ number: UInt64, in segment: String = "s") -> ReportPlace { ReportPlace(segment: segment, number: number) }

    @Test func aResultIsReadAsItWasWritten() throws {
        let failed = frame(1, .raised, "ValueError: é")
        let bytes = JobResult.part(of: "s", []) + frame(0).encoded() + JobResult.reported(frame(0), place(3))
            + JobResult.part(of: "s", [1, 2]) + failed.encoded() + JobResult.part(of: "s", [3]) + JobResult.part(of: "t", [4])
        let result = try JobResult(bytes)
        #expect(result.outcomes == [0: frame(0), 1: failed])
        #expect(result.places == [0: place(3)] && result.segment == "t")
        #expect(result.carried.map(\.segment) == ["s", "t"] && result.carried.map(\.bytes) == [[1, 2, 3], [4]])
        for length in 0..<bytes.count { #expect(try JobResult(Array(bytes.prefix(length))).outcomes.count <= 2) }
    }

    @Test func anOutcomeThatFollowsAnotherIsNotReportedByThatOnesReport() throws {
        let bytes = frame(0, .raised).encoded() + JobResult.reported(frame(0), place(3)) + frame(0).encoded()
        #expect(try JobResult(bytes).places.isEmpty)
    }

    /// One job of three tasks that ends as it is told, having left these bytes.
    private func ends(_ bench: JobBench, _ bytes: [UInt8], as end: JobEnd) throws -> [EndedJob] {
        bench.leavesResults = false
        bench.begin(tasksPerJob: 3, command: "sleep")
        bench.start(0, 1, 2)
        _ = try bench.turn()
        bench.leave("t1", 0, bytes)
        bench.batch.end(JobKey("t1", 0), as: end)
        return try bench.end()
    }

    @Test func whatTheJobHasReportedIsKnownByItsPlace() throws {
        let bench = try JobBench()
        let bytes = (0..<3).flatMap { frame($0).encoded() + JobResult.reported(frame($0), place(UInt64($0) + 3)) }
        #expect(try ends(bench, bytes, as: .succeeded).map(\.recorded) == [place(3), place(4), place(5)])
    }

    @Test func aJobThatWasKilledBetweenAReportAndItsOutcomeHasDoneTheTask() throws {
        let bench = try JobBench()
        let done = Execution(outcome: .done, start: 7, wall: 2, log: Execution.LogSpan(file: "l", offset: 3, length: 4))
        bench.segments.told["s"] = [(3, "A_0", done)]
        let ended = try ends(bench, JobResult.part(of: "s", []), as: .nodeFailure("gone"))
        #expect(ended.first?.frame?.kind == .done && ended.first?.recorded == place(3))
        #expect(ended.first?.frame?.start == 7 && ended.first?.frame?.logOffset == 3)
        #expect(ended.dropFirst().first?.kind == .workerLost)
    }

    @Test func segmentsThatCameWithTheResultAreKeptAsTheyAre() throws {
        let bench = try JobBench()
        let bytes = (0..<3).flatMap { place in
            frame(place).encoded() + JobResult.reported(frame(place), self.place(3)) + JobResult.part(of: "s", [UInt8(place)])
        }
        #expect(try ends(bench, bytes, as: .succeeded).allSatisfy { $0.recorded == place(3) })
        #expect(bench.segments.content == ["s": [0, 1, 2]])
    }

    @Test func whatCannotBeKeptIsReportedWhereItIsCollected() throws {
        let bench = try JobBench()
        bench.segments.isFull = true
        let bytes = (0..<3).flatMap { place in
            frame(place).encoded() + JobResult.reported(frame(place), self.place(3)) + JobResult.part(of: "s", [UInt8(place)])
        }
        let ended = try ends(bench, bytes, as: .succeeded)
        #expect(ended.count == 3 && ended.allSatisfy { $0.recorded == nil && $0.frame != nil })
        #expect(bench.remote.takeNotes().contains { $0.contains("No space left on device") })
    }

    @Test func aProcessThatWasLostIsWhatTheJobsEndMakesOfIt() throws {
        let killed = (0..<3).flatMap { frame($0, $0 == 1 ? .workerLost : .done, "its process was ended by SIGKILL").encoded() }
        let byItself = try ends(try JobBench(), killed, as: .succeeded)
        #expect(byItself.map { $0.frame?.kind } == [.done, .workerLost, .done])
        let bySystem = try ends(try JobBench(), killed, as: .outOfMemory)
        #expect(bySystem.map { $0.frame?.kind ?? $0.kind } == [.done, .outOfMemory, .done])
    }
}
