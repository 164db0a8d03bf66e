import Glibc
import MartletAssembly
import MartletBatch
import MartletModel
import MartletPorts
import MartletRecords
import MartletSystem
import Testing

/// What a run is told of jobs in other batch systems than its own.
@Suite struct ForeignJobsTests {
    let folder: TemporaryFolder
    private let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = Ledger(directory: "\(folder.path)/ledger", header: .forThisProcess(kind: .ledger))
    }

    private func ask(_ question: JSON) throws -> JSON {
        try RecordQuestions.answer(question, in: folder.path, Assembly.localStores)
    }

    private func living(_ system: String) throws -> JSON {
        try ask(["ask": .string("living jobs"), "system": .string(system)])
    }

    private func intend(_ tag: String, in system: String, _ elements: [[String]], pilots: Int? = nil) throws {
        try ledger.intend([LedgerEntry(tag: tag, system: system, time: 1, elements: elements, pilots: pilots)])
    }

    /// Jobs of this machine that have not begun, since nobody lets any.
    private func submit(_ tag: String, _ count: Int) throws {
        try Directory.make("\(folder.path)/jobs/\(tag)")
        try LocalBatch(directory: "\(folder.path)/batch/local", limit: 0).ask(
            .submit(
                JobArray(
                    tag: tag, count: count, command: ["true"], directory: folder.path, folder: "\(folder.path)/jobs/\(tag)")),
            now: 0)
    }

    @Test func theLedgerAloneTellsWhichTasksHaveJobs() throws {
        #expect(try ask(["ask": .string("open tasks")]).members?.isEmpty == true)
        try intend("martlet-a", in: "slurm", [["A_1", "A_2"], ["A_3"]])
        try intend("martlet-b", in: "local", [["B_1"]])
        try ledger.closed(tag: "martlet-a", [LedgerEnd(0, position: 1, how: "finished")])
        let told = try ask(["ask": .string("open tasks"), "besides": .string("local")])
        #expect(told.members?.map(\.name) == ["slurm"])
        #expect(Set((told["slurm"]?.array ?? []).compactMap(\.string)) == ["A_1", "A_3"])
    }

    @Test func jobsThatWaitLiveAndThoseThatWereCancelledOrNeverAcceptedDoNot() throws {
        try intend("martlet-a", in: "local", [["A_1"], ["A_2"]])
        try intend("martlet-never", in: "local", [["B_1"]])
        try submit("martlet-a", 2)
        let open = try OpenJobs(of: folder.path)
        #expect(open.jobs.map(\.mayLive) == [true, true, false])
        #expect(open.cancel([open.jobs[0]]).count == 1)
        let told = try living("local")
        #expect(told["jobs"]?.members?.map(\.name) == ["A_2"] && told["gaps"]?.array?.isEmpty == true)
        #expect(told["jobs"]?["A_2"]?["job"]?.string == "martlet-a.1" && told["jobs"]?["A_2"]?["state"]?.string == "pending")
    }

    @Test func ofASystemThatIsNotKnownEveryJobMayLive() throws {
        try intend("martlet-a", in: "nowhere", [["A_1"]])
        let told = try living("nowhere")
        #expect(told["jobs"]?["A_1"]?["state"]?.string == "unknown")
        #expect(told["gaps"]?.array?.first?.string?.hasPrefix("nowhere cannot be asked") == true)
        #expect(try living("local")["jobs"]?.members?.isEmpty == true)
    }

    @Test func whatNoPilotHasTakenIsDoneByThoseThatLive() throws {
        try intend("martlet-pool", in: "local", [["A_1"], ["A_2"], ["A_3"]], pilots: 2)
        try submit("martlet-pool", 2)
        #expect(Set(try living("local")["jobs"]?.members?.map(\.name) ?? []) == ["A_1", "A_2", "A_3"])
        let open = try OpenJobs(of: folder.path)
        _ = open.cancel(open.jobs)
        #expect(try living("local")["jobs"]?.members?.isEmpty == true)
    }
}
