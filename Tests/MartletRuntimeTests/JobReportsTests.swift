import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletEngine
@testable import MartletRuntime

/// What jobs report themselves, and what is made of it where they are collected.
struct JobReportsTests {
    private func frame(_ place: Int, _ kind: Outcome.Kind = .done, _ text: String = "") -> OutcomeFrame {
        OutcomeFrame(
            task: TaskIndex(place), kind: kind, start: 5, wall: 1.5, cpu: 1, peak: 9, text: text, fragment: Array("\"task\":\"a\"".utf8))
    }

    private func place(_ number: UInt64, in segment: String = "s") -> ReportPlace { ReportPlace(segment: segment, number: number) }

    @Test func aResultIsReadAsItWasWritten() throws {
        let failed = frame(1, .raised, "ValueError: é")
        let bytes = JobResult.part(of: "s", []) + frame(0).encoded() + JobResult.reported(frame(0), place(3), moment: 7)
            + JobResult.part(of: "s", [1, 2]) + failed.encoded() + JobResult.part(of: "s", [3]) + JobResult.part(of: "t", [4])
        let result = JobResult(bytes)
        #expect(result.outcomes == [0: frame(0), 1: failed])
        #expect(result.places == [0: place(3)] && result.segment == "t" && result.latest == 7)
        #expect(result.carried.map(\.segment) == ["s", "t"] && result.carried.map(\.bytes) == [[1, 2, 3], [4]])
    }

    @Test func ofAResultThatIsCutOffTheWholeFramesCount() {
        let frames = [
            JobResult.part(of: "s", []), frame(0).encoded(), JobResult.reported(frame(0), place(3), moment: 7),
            JobResult.part(of: "s", [1, 2]), frame(1, .raised, "ValueError: é").encoded(), JobResult.part(of: "t", [4]),
        ]
        let bytes = frames.flatMap(\.self)
        for length in 0...bytes.count {
            var end = 0, whole = 0
            while whole < frames.count, end + frames[whole].count <= length { (end, whole) = (end + frames[whole].count, whole + 1) }
            // half a frame, or what a node that lost its power leaves in its place
            for tail in [Array(bytes[end..<length]), [UInt8](repeating: 0, count: 200)] {
                let result = JobResult(Array(bytes[..<end]) + tail)
                #expect(result.outcomes.keys.sorted() == (whole < 2 ? [] : whole < 5 ? [0] : [0, 1]))
                #expect(result.places == (whole < 3 ? [:] : [0: place(3)]))
                #expect(result.segment == (whole < 1 ? "" : whole < 6 ? "s" : "t"))
                #expect(result.carried.map(\.bytes) == (whole < 4 ? [] : whole < 6 ? [[1, 2]] : [[1, 2], [4]]))
            }
        }
    }

    @Test func bytesThatAreNoFramesEndAResult() {
        let first = frame(0).encoded()
        let bytes = first + JobResult.reported(frame(0), place(3), moment: 7) + JobResult.part(of: "s", [1, 2]) + frame(1).encoded()
        let lost = (8 * first.count..<8 * bytes.count).filter { bit in
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            return JobResult(flipped).outcomes[0] == nil
        }
        #expect(lost.isEmpty)
        let found = (UInt8(0)...70).filter { length in
            JobResult(first + [length, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 100)).outcomes != [0: frame(0)]
        }
        #expect(found.isEmpty)
    }

    @Test func anOutcomeThatFollowsAnotherIsNotReportedByThatOnesReport() {
        let bytes = frame(0, .raised).encoded() + JobResult.reported(frame(0), place(3), moment: 7) + frame(0).encoded()
        #expect(JobResult(bytes).places.isEmpty)
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
        let bytes = (0..<3).flatMap { frame($0).encoded() + JobResult.reported(frame($0), place(UInt64($0) + 3), moment: 7) }
        #expect(try ends(bench, bytes, as: .succeeded).map(\.recorded) == [place(3), place(4), place(5)])
    }

    @Test func aJobThatWasKilledBetweenAReportAndItsOutcomeHasDoneTheTask() throws {
        let bench = try JobBench()
        let done = Execution(outcome: .done, start: 7, wall: 2, log: Execution.LogSpan(file: "l", offset: 3, length: 4))
        bench.segments.told["s"] = [RecordedExecution(number: 3, task: "A_0", execution: done, moment: 9)]
        let ended = try ends(bench, JobResult.part(of: "s", []), as: .nodeFailure("gone"))
        #expect(ended.first?.frame?.kind == .done && ended.first?.recorded == place(3))
        #expect(ended.first?.frame?.start == 7 && ended.first?.frame?.logOffset == 3)
        #expect(ended.dropFirst().first?.kind == .workerLost)
        #expect(bench.segments.readings == ["s": 1])
    }

    @Test func aReportThatStoodThereBeforeTheSliceIsOfAnEarlierTry() throws {
        let bench = try JobBench()
        let failed = Execution(outcome: .failed, cause: "no", start: 7, wall: 2)
        bench.segments.told["s"] = [RecordedExecution(number: 3, task: "A_0", execution: failed, moment: 9)]
        let ended = try ends(bench, JobResult.part(of: "s", [], behind: 3), as: .nodeFailure("gone"))
        #expect(ended.first?.kind == .workerLost && ended.first?.frame == nil)
    }

    /// What the jobs of the bench's submission are told to report after.
    private func after(_ bench: JobBench, _ tag: String) throws -> Int64? {
        let lines = try File.read("\(bench.folder)/\(tag)/job.json").split(separator: UInt8(ascii: "\n"))
        return try JSON.parse(String(decoding: lines[0], as: UTF8.self))["after"]?.integer
    }

    @Test func jobsReportAfterAllThatTheRunKnowsOf() throws {
        let bench = try JobBench()
        bench.segments.latest = 5
        let done = (1..<3).flatMap { frame($0).encoded() + JobResult.reported(frame($0), place(UInt64($0)), moment: Int64(10 * $0)) }
        _ = try ends(bench, done, as: .nodeFailure("gone"))
        #expect(try after(bench, "t1") == 5)
        // the first segments are not looked at again, but where another run was at work on the task
        bench.segments.latest = 50
        bench.start(0)
        _ = try bench.turn()
        #expect(try after(bench, "t2") == 20)
        bench.start(3, wasElsewhere: true)
        _ = try bench.turn()
        #expect(try after(bench, "t3") == 50)
    }

    @Test func reportsOfWhichNoOutcomeTellsCountAsWell() throws {
        let bench = try JobBench()
        let done = Execution(outcome: .done, start: 7, wall: 2)
        bench.segments.told["s"] = [RecordedExecution(number: 3, task: "A_0", execution: done, moment: 99)]
        _ = try ends(bench, JobResult.part(of: "s", []), as: .nodeFailure("gone"))
        _ = try bench.turn()
        #expect(try after(bench, "t2") == 99)
    }

    @Test func segmentsThatCameWithTheResultAreKeptAsTheyAre() throws {
        let bench = try JobBench()
        let bytes = (0..<3).flatMap { place in
            frame(place).encoded() + JobResult.reported(frame(place), self.place(3), moment: 7)
                + JobResult.part(of: "s", [UInt8(place)])
        }
        #expect(try ends(bench, bytes, as: .succeeded).allSatisfy { $0.recorded == place(3) })
        #expect(bench.segments.content == ["s": [0, 1, 2]])
    }

    @Test func whatCannotBeKeptIsReportedWhereItIsCollected() throws {
        let bench = try JobBench()
        bench.segments.isFull = true
        let bytes = (0..<3).flatMap { place in
            frame(place).encoded() + JobResult.reported(frame(place), self.place(3), moment: 7)
                + JobResult.part(of: "s", [UInt8(place)])
        }
        let ended = try ends(bench, bytes, as: .succeeded)
        #expect(ended.count == 3 && ended.allSatisfy { $0.recorded == nil && $0.frame != nil })
        #expect(bench.remote.takeNotes().contains { $0.contains("No space left on device") })
    }

    private func lost(_ place: Int, _ signal: String) -> [UInt8] {
        frame(place, .workerLost, "its process was ended by \(signal)").encoded()
    }

    private func begun(_ places: Int...) -> [UInt8] { places.flatMap { JobResult.begun(TaskIndex($0)) } }

    /// The bench's next submission has these tasks.
    private func isSubmittedAnew(_ bench: JobBench, _ tasks: [String]) throws -> Bool {
        _ = try bench.turn()
        return bench.ledger.entries.last?.elements == [tasks]
    }

    @Test func aCrashIsTheTasksOwnThoughTheJobCameToItsTimeLimit() throws {
        let bench = try JobBench()
        let bytes = begun(0) + lost(0, "SIGSEGV") + begun(1) + frame(1).encoded() + begun(2)
        let ended = try ends(bench, JobResult.part(of: "s", []) + bytes, as: .timeLimit)
        #expect(ended.map { $0.frame?.kind ?? $0.kind } == [.workerLost, .done, .timedOut])
        #expect(ended[0].frame?.text.contains("SIGSEGV") == true)
    }

    @Test func whatWasKilledLongBeforeTheEndWasNotKilledByIt() throws {
        let bytes = begun(0) + lost(0, "SIGKILL") + begun(1) + frame(1).encoded() + begun(2)
        let byTime = try ends(try JobBench(), bytes, as: .timeLimit)
        #expect(byTime.map { $0.frame?.kind ?? $0.kind } == [.workerLost, .done, .timedOut])
        // a system that kills for want of memory takes one process, and says so of the job
        let byMemory = try ends(try JobBench(), bytes, as: .outOfMemory)
        #expect(byMemory.map { $0.frame?.kind ?? $0.kind } == [.done, .outOfMemory, .outOfMemory])
    }

    @Test func ofSeveralAtATimeThoseThatHadBegunAreToBlame() throws {
        let bench = try JobBench()
        let ended = try ends(bench, begun(0, 2) + frame(0).encoded() + begun(2), as: .evicted("preempted"))
        #expect(ended.map(\.task.position) == [0, 2])
        #expect(ended.map { $0.frame?.kind ?? $0.kind } == [.done, .workerLost])
        #expect(try isSubmittedAnew(bench, ["A_1"]))
    }

    @Test func aJobThatEndedBetweenTwoTasksIsNobodysFault() throws {
        let bench = try JobBench()
        let ended = try ends(bench, begun(0) + frame(0).encoded(), as: .nodeFailure("gone"))
        #expect(ended.map(\.task.position) == [0])
        #expect(try isSubmittedAnew(bench, ["A_1", "A_2"]))
    }

    @Test func aProcessThatWasLostIsWhatTheJobsEndMakesOfIt() throws {
        let killed = (0..<3).flatMap { frame($0, $0 == 1 ? .workerLost : .done, "its process was ended by SIGKILL").encoded() }
        let byItself = try ends(try JobBench(), killed, as: .succeeded)
        #expect(byItself.map { $0.frame?.kind } == [.done, .workerLost, .done])
        let bySystem = try ends(try JobBench(), killed, as: .outOfMemory)
        #expect(bySystem.map(\.task.position) == [0, 2, 1])
        #expect(bySystem.map { $0.frame?.kind ?? $0.kind } == [.done, .done, .outOfMemory])
    }
}
