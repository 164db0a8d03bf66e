import Glibc
import MartletBatch
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@Suite struct LocalBatchTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("batch") }

    private var jobs: String { "\(scratch.path)/jobs" }

    private func batch(limit: Int? = nil) throws -> LocalBatch { try LocalBatch(directory: jobs, limit: limit) }

    private func describe(_ tag: String, _ script: String, count: Int = 1) -> JobArray {
        JobArray(tag: tag, count: count, command: ["sh", "-c", script], directory: scratch.path, folder: scratch.path)
    }

    private func pause() { usleep(5000) }

    private func submit(_ batch: LocalBatch, _ array: JobArray) -> [Acceptance] {
        batch.ask(.submit(array), now: 0)
        guard case .submitted(_, let answers)? = batch.answers(now: 0).first else { return [] }
        return answers
    }

    /// The state of one job; nil when it is in no list.
    private func state(_ batch: LocalBatch, _ key: JobKey) -> SeenState? {
        batch.ask(.list([AskedSubmission(tag: key.tag, elements: [key.index])]), now: 0)
        guard case .listed(let listing)? = batch.answers(now: 0).first else { return nil }
        return listing.jobs.first { $0.key == key }?.state
    }

    /// - Returns: why it could not be cancelled.
    private func cancel(_ batch: LocalBatch, _ key: JobKey) -> String? {
        batch.ask(.cancel([key: JobID(key.text)]), now: 0)
        guard case .cancelled(_, let refusal)? = batch.answers(now: 0).first else { return "no answer" }
        return refusal
    }

    /// Submits an array of one job, which is accepted.
    private func start(_ batch: LocalBatch, _ array: JobArray) throws -> JobKey {
        let key = JobKey(array.tag, 0)
        try #require(submit(batch, array) == [.accepted(JobID(key.text))])
        return key
    }

    /// Asks until it has ended, for a minute at the most.
    private func end(_ batch: LocalBatch, _ key: JobKey) -> JobEnd? {
        for _ in 0..<12_000 {
            if case .ended(let end)? = state(batch, key) { return end }
            pause()
        }
        return nil
    }

    private func waitForLine(_ path: String) throws -> String {
        for _ in 0..<12_000 {
            do {
                let text = String(decoding: try File.read(path), as: UTF8.self)
                if text.hasSuffix("\n") { return String(text.dropLast()) }
            } catch {
                guard error.code == ENOENT else { throw error }
            }
            pause()
        }
        return ""
    }

    @Test func keepsTheContract() throws {
        let found = try batchContract(directory: scratch.path, now: SystemClock().monotonic, pause: pause) { try batch() }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func keepsTheContractWithALimit() throws {
        let found = try batchContract(directory: scratch.path, now: SystemClock().monotonic, pause: pause) { try batch(limit: 2) }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func outputAndErrorsAreInTheLogAndTheStatusIsTold() throws {
        let batch = try batch()
        let key = try start(batch, describe("a", "pwd; echo error $0 >&2; exit 4"))
        #expect(end(batch, key) == .exited(4))
        #expect(
            String(decoding: try File.read("\(scratch.path)/0.log"), as: UTF8.self) == "\(scratch.path)\nerror 0\n")
        #expect(end(batch, try start(batch, describe("b", "kill -SEGV $$"))) == .signalled(SIGSEGV))
    }

    @Test func aTagIsRunOnce() throws {
        let first = try batch()
        let job = describe("once", "echo ran >> \(scratch.path)/runs")
        let id = try start(first, job)
        #expect(try start(first, job) == id)
        #expect(end(first, id) == .succeeded)
        // a driver that never saw the answer submits again
        let second = try batch()
        #expect(try start(second, job) == id)
        #expect(end(second, id) == .succeeded)
        #expect(String(decoding: try File.read("\(scratch.path)/runs"), as: UTF8.self) == "ran\n")
    }

    @Test func manyDriversThatStartAJobRunItOnce() throws {
        let job = describe("race", "echo ran >> \(scratch.path)/runs; sleep 0.1")
        // with no room of its own the first driver only accepts
        let id = try start(try batch(limit: 0), job)
        let drivers = try (0..<5).map { _ in try batch() }
        for driver in drivers { _ = state(driver, id) }
        #expect(end(drivers[0], id) == .succeeded)
        #expect(String(decoding: try File.read("\(scratch.path)/runs"), as: UTF8.self) == "ran\n")
    }

    @Test func anAcceptedJobIsStartedByTheNextDriver() throws {
        let first = try batch(limit: 0)
        let id = try start(first, describe("waiting", "true"))
        #expect(state(first, id) == .pending(nil))
        let second = try batch()
        #expect(state(second, id) != nil)
        #expect(end(second, id) == .succeeded)
    }

    @Test func aPendingJobThatIsCancelledNeverRuns() throws {
        let first = try batch(limit: 0)
        let id = try start(first, describe("never", "echo ran >> \(scratch.path)/runs"))
        #expect(cancel(first, id) == nil)
        #expect(state(try batch(), id) == .ended(.cancelled))
        #expect(!Directory.isDirectory("\(scratch.path)/runs"))
        #expect(throws: SystemError.self) { try File.read("\(scratch.path)/runs") }
    }

    @Test func cancellingEndsTheWholeGroup() throws {
        let batch = try batch()
        let id = try start(batch, describe("group", "sleep 600 & echo $! > \(scratch.path)/child; wait"))
        let child = try #require(Int32(try waitForLine("\(scratch.path)/child")))
        let start = try #require(try Host.startTime(of: child))
        #expect(cancel(batch, id) == nil)
        #expect(end(batch, id) == .cancelled)
        for _ in 0..<12_000 where try Host.startTime(of: child) == start { pause() }
        #expect(try Host.startTime(of: child) != start)
    }

    @Test func aJobWhoseWrapperWasKilledIsLost() throws {
        let batch = try batch()
        let id = try start(batch, describe("killed", "sleep 600"))
        let wrapper = try #require(Int32(try waitForLine("\(jobs)/killed/0/process").split(separator: " ")[0]))
        Signals.send(SIGKILL, toGroup: wrapper)
        #expect(end(batch, id) == .nodeFailure("its process is gone"))
    }

    @Test(arguments: ["start", "boot", "pid"]) func aRecycledPidIsNotTheJob(changed: String) throws {
        let batch = try batch()
        let id = try start(batch, describe("old", "sleep 600"))
        var fields = try waitForLine("\(jobs)/old/0/process").split(separator: " ").map(String.init)
        #expect(state(batch, id) == .running)
        let wrapper = try #require(Int32(fields[0]))
        var stranger = try Process.start(ProgramStart(["sleep", "600"]))
        defer { stranger.signalGroup(SIGKILL) }
        // start times are counted in ticks of 10 ms: one of the same tick could not be told apart
        while try Host.startTime(of: stranger.pid) == UInt64(fields[1]) {
            stranger.signalGroup(SIGKILL)
            _ = try stranger.wait()
            pause()
            stranger = try Process.start(ProgramStart(["sleep", "600"]))
        }
        switch changed {
        case "start": fields[1] = "1"
        case "boot": fields[3] = "0000"
        // a process that lives, but is not the one that was written down
        default: fields[0] = "\(stranger.pid)"
        }
        try File.replace("\(jobs)/old/0/process", with: Array((fields.joined(separator: " ") + "\n").utf8))
        #expect(state(batch, id) == .ended(.nodeFailure("its process is gone")))
        #expect(cancel(batch, id) == nil)
        #expect(try stranger.end() == nil, "cancelling the lost job killed a stranger")
        #expect(try Host.startTime(of: wrapper) != nil, "cancelling the lost job killed a stranger")
        Signals.send(SIGKILL, toGroup: wrapper)
        for _ in 0..<12_000 where try Host.startTime(of: wrapper) != nil { pause() }
        _ = state(batch, id)
    }

    @Test func aJobOnAnotherMachineIsNotJudged() throws {
        let batch = try batch(limit: 0)
        let id = try start(batch, describe("far", "true"))
        try Directory.make("\(jobs)/far/0")
        try File.replace("\(jobs)/far/0/process", with: Array("1 1 elsewhere 0000\n".utf8))
        #expect(state(batch, id) == .running)
        #expect(cancel(batch, id) != nil)
        try File.replace("\(jobs)/far/0/status", with: Array("0\n".utf8))
        #expect(state(batch, id) == .ended(.succeeded))
    }

    @Test func jobsAreLimited() throws {
        let batch = try batch(limit: 1)
        #expect(submit(batch, describe("a", "[ $0 = 1 ] || exec sleep 600", count: 2)).count == 2)
        _ = try waitForLine("\(jobs)/a/0/process")
        #expect(state(batch, JobKey("a", 1)) == .pending(nil))
        #expect(state(batch, JobKey("a", 0)) == .running)
        #expect(cancel(batch, JobKey("a", 0)) == nil)
        #expect(end(batch, JobKey("a", 1)) == .succeeded)
    }

    @Test func whatCannotBeStartedFailsInTheEnd() throws {
        let batch = try batch()
        var job = describe("nowhere", "true")
        job.directory = "\(scratch.path)/none"
        let id = try start(batch, job)
        guard case .nodeFailure(let cause)? = end(batch, id) else {
            Issue.record("a job without its directory did not fail")
            return
        }
        #expect(!cause.isEmpty)
    }

    @Test(arguments: ["", "a/b", "..", ".hidden"]) func oddTagsAreRefused(tag: String) throws {
        guard case .refused? = submit(try batch(), describe(tag, "true")).first else {
            Issue.record("accepted")
            return
        }
    }
}
