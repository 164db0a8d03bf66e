import MartletModel
import MartletPorts
import MartletTesting
import Testing

@testable import MartletRuntime

/// What a display is told of jobs, and how a run parts from them.
@Suite struct JobSteeringTests {
    private func row(_ bench: JobBench, _ queue: String = "") -> JobTally.Row? {
        bench.remote.counted(now: bench.clock.monotonic()).rows[queue]
    }

    @Test func tasksAreCountedByWhatHasBecomeOfTheirJobs() throws {
        let bench = try JobBench()
        bench.begin(parallelJobs: 2, command: "sleep")
        bench.start(0, 1, 2)
        #expect(row(bench) == JobTally.Row(waiting: 3))
        _ = try bench.turn(stepping: false)
        bench.clock.advance(seconds: 1)
        #expect(row(bench)?.waiting == 1)
        _ = try bench.all(within: 4)
        #expect(row(bench) == JobTally.Row(waiting: 1, running: 2))
        #expect(bench.remote.openJobs == 2)
    }

    @Test func whatHasEndedStaysCounted() throws {
        let bench = try JobBench()
        bench.start(0, 1)
        _ = try bench.all(within: 10)
        bench.begin(command: "false")
        bench.start(2)
        _ = try bench.end()
        bench.clock.advance(seconds: 1)
        #expect(row(bench) == JobTally.Row(lost: 1))
    }

    @Test func whatWasDoneBeforeTheRunBeganIsToldApart() throws {
        let bench = try JobBench()
        bench.leavesResults = false
        bench.begin(command: "sleep")
        bench.start(0, 1)
        _ = try bench.turn()
        let begun = bench.clock.wall()
        bench.begin(command: "sleep")
        bench.start(0, 1)
        _ = try bench.turn()
        // their nodes say when they ended: before this run began, and after
        for (index, end) in [(0, begun - 1_000_000), (1, begun + 10_000_000_000)] {
            let frame = OutcomeFrame(
                task: TaskIndex(0), kind: .done, start: end - 1_000_000_000, wall: 1, cpu: 0, peak: 0, text: "", fragment: [])
            bench.leave("t1", index, frame.encoded())
            bench.batch.end(JobKey("t1", index), as: .succeeded)
        }
        #expect(try bench.all(within: 10).count == 2)
        let tally = bench.remote.counted(now: bench.clock.monotonic())
        #expect(tally.rows[""]?.done == 2 && tally.adopted == 2 && tally.doneBefore == 1)
    }

    @Test func whyJobsWaitIsToldWhereItIsNotTheirTurn() throws {
        let bench = try JobBench()
        for why in ["others", "others", "PartitionDown", "ReqNodeNotAvail", "ReqNodeNotAvail"] {
            bench.batch.inject(.delay(steps: 50, why: why), on: .submit)
        }
        func waitsFor() throws -> (reason: String, jobs: Int)? {
            _ = try bench.all(within: 3)
            bench.clock.advance(seconds: 1)
            return bench.remote.counted(now: bench.clock.monotonic()).waitsFor
        }
        for (task, queue) in ["a", "b"].enumerated() { bench.start(task, queue: queue) }
        #expect(try waitsFor() == nil)
        for (task, queue) in ["a", "b", "c"].enumerated() { bench.start(2 + task, queue: queue) }
        let told = try waitsFor()
        #expect(told?.reason == "ReqNodeNotAvail" && told?.jobs == 2)
    }

    @Test func underWayIsCountedOnceASecond() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        bench.start(0)
        let now = bench.clock.monotonic()
        #expect(bench.remote.counted(now: now).rows[""]?.waiting == 1)
        bench.start(1)
        #expect(bench.remote.counted(now: now + 999_999_999).rows[""]?.waiting == 1)
        #expect(bench.remote.counted(now: now + 1_000_000_000).rows[""]?.waiting == 2)
    }

    @Test func queuesHaveRowsOfTheirOwn() throws {
        let bench = try JobBench()
        bench.begin(command: "sleep")
        for (task, queue) in [(0, "short"), (1, "long"), (2, "long")] {
            var options = JobOptions()
            options.queue = queue
            bench.remote.start(TaskIndex(task), JobRequest(task: "A_\(task)", description: Array("{}".utf8), options: options))
        }
        _ = try bench.all(within: 4)
        #expect(row(bench, "short") == JobTally.Row(running: 1) && row(bench, "long") == JobTally.Row(running: 2))
    }

    @Test func aRunIsAtRestWhenAllIsSubmittedAndSeen() throws {
        let bench = try JobBench()
        bench.begin(parallelJobs: 2, command: "sleep")
        #expect(bench.remote.isSettled)
        bench.start(0, 1, 2)
        #expect(!bench.remote.isSettled)
        _ = try bench.all(within: 4)
        #expect(bench.remote.isSettled && !bench.remote.isSubmitting)  // there is no room for the third
        // the next driver does not know yet how the jobs of this one are
        let left = bench.remote.leave()
        #expect(left.jobs == 2 && left.tags == ["t1"] && left.tasks.count == 3)
        bench.begin(command: "sleep")
        bench.start(0)
        _ = try bench.turn(stepping: false)
        #expect(bench.remote.counted(now: bench.clock.monotonic()).adopted == 1)
        _ = try bench.all(within: 4)
        #expect(bench.remote.isSettled && bench.remote.openJobs == 1)
    }

    @Test func whatIsHeldIsNotSubmitted() throws {
        let bench = try JobBench()
        bench.remote.isHeld = true
        bench.start(0)
        #expect(try bench.all(within: 5).isEmpty && bench.batch.tags.isEmpty)
        bench.remote.isHeld = false
        #expect(try bench.end().count == 1)
    }

    @Test func cancelledJobsAreCountedOnceTheyAreGone() throws {
        let bench = try JobBench()
        bench.begin(parallelJobs: 2, command: "sleep")
        bench.start(0, 1, 2)
        _ = try bench.turn()
        bench.remote.cancel()
        #expect(bench.remote.cancelled == 0 && bench.remote.openJobs == 2)
        _ = try bench.all(within: 10)
        #expect(bench.remote.cancelled == 2 && bench.remote.openJobs == 0)
    }
}
