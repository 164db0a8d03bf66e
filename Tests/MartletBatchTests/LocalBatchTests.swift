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

    private func describe(_ tag: String, _ script: String) -> JobDescription {
        JobDescription(
            tag: tag, command: ["sh", "-c", script], directory: scratch.path, log: "\(scratch.path)/logs/\(tag).log")
    }

    private func pause() { usleep(5000) }

    /// Asks until it has ended, for a minute at the most.
    private func end(_ batch: LocalBatch, _ id: JobID) throws -> JobState {
        for _ in 0..<12_000 {
            let state = try batch.query([id])[0]
            if state != .pending && state != .running { return state }
            pause()
        }
        return .running
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
        let found = try batchContract(directory: scratch.path, pause: pause) { try batch() }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func keepsTheContractWithALimit() throws {
        let found = try batchContract(directory: scratch.path, pause: pause) { try batch(limit: 2) }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func outputAndErrorsAreInTheLogAndTheStatusIsTold() throws {
        let batch = try batch()
        let id = try batch.submit([describe("a", "pwd; echo error >&2; exit 4")])[0].get()
        #expect(try end(batch, id) == .failed(cause: "exit status 4"))
        #expect(
            String(decoding: try File.read("\(scratch.path)/logs/a.log"), as: UTF8.self) == "\(scratch.path)\nerror\n")
        let killed = try batch.submit([describe("b", "kill -SEGV $$")])[0].get()
        #expect(try end(batch, killed) == .failed(cause: "SIGSEGV"))
    }

    @Test func aTagIsRunOnce() throws {
        let first = try batch()
        let job = describe("once", "echo ran >> \(scratch.path)/runs")
        let id = try first.submit([job])[0].get()
        #expect(try first.submit([job])[0].get() == id)
        #expect(try end(first, id) == .finished)
        // a driver that never saw the answer submits again
        let second = try batch()
        #expect(try second.submit([job])[0].get() == id)
        #expect(try end(second, id) == .finished)
        #expect(String(decoding: try File.read("\(scratch.path)/runs"), as: UTF8.self) == "ran\n")
    }

    @Test func manyDriversThatStartAJobRunItOnce() throws {
        let job = describe("race", "echo ran >> \(scratch.path)/runs; sleep 0.1")
        // with no room of its own the first driver only accepts
        let id = try batch(limit: 0).submit([job])[0].get()
        let drivers = try (0..<5).map { _ in try batch() }
        for driver in drivers { _ = try driver.query([id]) }
        #expect(try end(drivers[0], id) == .finished)
        #expect(String(decoding: try File.read("\(scratch.path)/runs"), as: UTF8.self) == "ran\n")
    }

    @Test func anAcceptedJobIsStartedByTheNextDriver() throws {
        let first = try batch(limit: 0)
        let id = try first.submit([describe("waiting", "true")])[0].get()
        #expect(try first.query([id]) == [.pending])
        let second = try batch()
        #expect(try second.find(tags: ["waiting"]) == ["waiting": id])
        #expect(try end(second, id) == .finished)
    }

    @Test func aPendingJobThatIsCancelledNeverRuns() throws {
        let first = try batch(limit: 0)
        let id = try first.submit([describe("never", "echo ran >> \(scratch.path)/runs")])[0].get()
        try first.cancel([id])
        #expect(try batch().query([id]) == [.failed(cause: "cancelled")])
        #expect(!Directory.isDirectory("\(scratch.path)/runs"))
        #expect(throws: SystemError.self) { try File.read("\(scratch.path)/runs") }
    }

    @Test func cancellingEndsTheWholeGroup() throws {
        let batch = try batch()
        let id = try batch.submit([describe("group", "sleep 600 & echo $! > \(scratch.path)/child; wait")])[0].get()
        let child = try #require(Int32(try waitForLine("\(scratch.path)/child")))
        let start = try #require(try Host.startTime(of: child))
        try batch.cancel([id])
        #expect(try end(batch, id) == .failed(cause: "cancelled"))
        for _ in 0..<12_000 where try Host.startTime(of: child) == start { pause() }
        #expect(try Host.startTime(of: child) != start)
    }

    @Test func aJobWhoseWrapperWasKilledIsLost() throws {
        let batch = try batch()
        let id = try batch.submit([describe("killed", "sleep 600")])[0].get()
        let wrapper = try #require(Int32(try waitForLine("\(jobs)/killed/process").split(separator: " ")[0]))
        Signals.send(SIGKILL, toGroup: wrapper)
        #expect(try end(batch, id) == .lost)
    }

    @Test(arguments: ["start", "boot", "pid"]) func aRecycledPidIsNotTheJob(changed: String) throws {
        let batch = try batch()
        let id = try batch.submit([describe("old", "sleep 600")])[0].get()
        var fields = try waitForLine("\(jobs)/old/process").split(separator: " ").map(String.init)
        #expect(try batch.query([id]) == [.running])
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
        try File.replace("\(jobs)/old/process", with: Array((fields.joined(separator: " ") + "\n").utf8))
        #expect(try batch.query([id]) == [.lost])
        try batch.cancel([id])
        #expect(try stranger.end() == nil, "cancelling the lost job killed a stranger")
        #expect(try Host.startTime(of: wrapper) != nil, "cancelling the lost job killed a stranger")
        Signals.send(SIGKILL, toGroup: wrapper)
        for _ in 0..<12_000 where try Host.startTime(of: wrapper) != nil { pause() }
        _ = try batch.query([id])
    }

    @Test func aJobOnAnotherMachineIsNotJudged() throws {
        let batch = try batch(limit: 0)
        let id = try batch.submit([describe("far", "true")])[0].get()
        try File.replace("\(jobs)/far/process", with: Array("1 1 elsewhere 0000\n".utf8))
        #expect(try batch.query([id]) == [.running])
        #expect(throws: BatchError.self) { try batch.cancel([id]) }
        try File.replace("\(jobs)/far/status", with: Array("0\n".utf8))
        #expect(try batch.query([id]) == [.finished])
    }

    @Test func jobsAreLimited() throws {
        let batch = try batch(limit: 1)
        let ids = try batch.submit([describe("a", "sleep 600"), describe("b", "true")]).map { try $0.get() }
        _ = try waitForLine("\(jobs)/a/process")
        #expect(try batch.query(ids) == [.running, .pending])
        try batch.cancel([ids[0]])
        #expect(try end(batch, ids[1]) == .finished)
    }

    @Test func whatCannotBeStartedFailsInTheEnd() throws {
        let batch = try batch()
        var job = describe("nowhere", "true")
        job.directory = "\(scratch.path)/none"
        let id = try batch.submit([job])[0].get()
        guard case .failed(let cause) = try end(batch, id) else {
            Issue.record("a job without its directory did not fail")
            return
        }
        #expect(!cause.isEmpty)
    }

    @Test(arguments: ["", "a/b", "..", ".hidden"]) func oddTagsAreRefused(tag: String) throws {
        guard case .failure(let error) = try batch().submit([describe(tag, "true")])[0] else {
            Issue.record("accepted")
            return
        }
        #expect(error.kind == .refused)
    }

    @Test func endedJobsAreForgotten() throws {
        let batch = try batch()
        let id = try batch.submit([describe("a", "true")])[0].get()
        #expect(try end(batch, id) == .finished)
        try batch.forget([id])
        #expect(try Directory.list(jobs).isEmpty)
    }
}
