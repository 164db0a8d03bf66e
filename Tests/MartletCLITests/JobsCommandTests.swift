import Glibc
import MartletAssembly
import MartletBatch
import MartletModel
import MartletPorts
import MartletRecords
import MartletRuntime
import MartletSystem
import Testing

@testable import MartletCLI

/// Over the batch system of this machine, as a run that was killed leaves it.
@Suite struct JobsCommandTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let ledger = Ledger(directory: "\(folder.path)/ledger", header: .forThisProcess(kind: .ledger))
        let elements = [["Fit_a_1", "Fit_b_2"], ["Fit_c_3"]]
        try ledger.intend([
            LedgerEntry(tag: "martlet-one", system: "local", time: 1, elements: elements),
            LedgerEntry(tag: "martlet-never", system: "local", time: 1, elements: [["Plot_d_4"]]),
        ])
        try Directory.make("\(folder.path)/jobs/martlet-one")
        let batch = try LocalBatch(directory: "\(folder.path)/batch/local")
        batch.ask(
            .submit(
                JobArray(
                    tag: "martlet-one", count: 2, command: ["sh", "-c", "echo job $0; [ $0 = 0 ] && exec sleep 600"],
                    directory: folder.path, folder: "\(folder.path)/jobs/martlet-one")), now: 0)
    }

    private func jobs(until enough: ([OpenJobs.Job]) -> Bool) throws -> [OpenJobs.Job] {
        for _ in 0..<2000 {
            let jobs = try OpenJobs(of: folder.path).jobs
            if enough(jobs) { return jobs }
            usleep(5000)
        }
        return []
    }

    /// Cancels what there is, and waits for its end: what still runs writes into a folder that is about to be removed.
    private func endAll() throws {
        _ = try jobs { all in !all.contains { $0.word == "pending" } }
        let open = try OpenJobs(of: folder.path)
        _ = open.cancel(open.jobs)
        _ = try jobs { all in !all.contains { $0.word == "running" } }
    }

    @Test func openJobsAreListedAndCancelled() throws {
        let jobs = try jobs { $0.map(\.word) == ["running", "exit status 1", "unknown"] }
        #expect(jobs.map(\.key.text) == ["martlet-one.0", "martlet-one.1", "martlet-never.0"])
        let lines = JobsListCommand.lines(jobs)
        #expect(lines[1].hasPrefix("martlet-one.0") && lines[1].hasSuffix("Fit_a_1 and 1 more"))
        #expect(String(decoding: try JobLog(jobs[0], word: "").end(most: 100).bytes, as: UTF8.self) == "job 0\n")
        #expect(try JobLog(jobs[2], word: "").end(most: 100).bytes.isEmpty)

        let open = try OpenJobs(of: folder.path)
        let (count, troubles) = open.cancel(try JobsCommand.chosen([], of: open))
        #expect(count == 1 && troubles.isEmpty)
        _ = try self.jobs { $0.first?.word == "cancelled" }
        #expect(try OpenJobs(of: folder.path).jobs.map(\.word) == ["cancelled", "exit status 1", "unknown"])
    }

    @Test func tasksThatRunAsOneAreAllOfTheirJob() throws {
        let ledger = Ledger(directory: "\(folder.path)/ledger", header: .forThisProcess(kind: .ledger))
        let slices = LedgerSlices([["Upload_1", "Fit_5"]], followers: [LedgerSlices.Place(0, 0): ["Upload_2", "Upload_3"]])
        try ledger.intend([LedgerEntry(tag: "martlet-uploads", system: "local", time: 2, slices: slices)])
        let open = try OpenJobs(of: folder.path)
        let job = try #require(try JobsCommand.chosen(["Upload_3"], of: open).first)
        #expect(job.key.text == "martlet-uploads.0" && job.tasks == ["Upload_1", "Upload_2", "Upload_3", "Fit_5"])
        try endAll()
    }

    @Test func ofPilotsTheTasksAreToldAtWhichTheyAre() throws {
        let ledger = Ledger(directory: "\(folder.path)/ledger", header: .forThisProcess(kind: .ledger))
        let slices = (0..<6).map { ["Step_\($0)"] }
        try ledger.intend([LedgerEntry(tag: "martlet-pool", system: "local", time: 2, elements: slices, pilots: 3)])
        try ledger.closed(tag: "martlet-pool", [LedgerEnd(0, how: "finished"), LedgerEnd(pilot: 1, how: "finished")])
        try Directory.make("\(folder.path)/jobs/martlet-pool")
        for name in ["0.0.result", "4.0.result", "1.1.result"] {
            try File.replace("\(folder.path)/jobs/martlet-pool/\(name)", with: [])
        }
        let open = try OpenJobs(of: folder.path).jobs.filter { $0.key.tag == "martlet-pool" }
        #expect(open.map(\.key.index) == [0, 2] && open.map(\.tasks) == [["Step_4"], []])
        try endAll()
    }

    @Test func pilotsAreJobsWhateverBecameOfTheSlicesOfTheirNumbers() throws {
        let ledger = Ledger(directory: "\(folder.path)/ledger", header: .forThisProcess(kind: .ledger))
        let tag = "martlet-pilots", place = "\(folder.path)/jobs/martlet-pilots"
        let elements = [["Cut_a_1"], ["Cut_b_2"], ["Cut_c_3"], ["Cut_d_4"], ["Cut_e_5"]]
        try ledger.intend([LedgerEntry(tag: tag, system: "local", time: 1, elements: elements, pilots: 3)])
        try Directory.make(place)
        try LocalBatch(directory: "\(folder.path)/batch/local").ask(
            .submit(JobArray(tag: tag, count: 3, command: ["sleep", "600"], directory: folder.path, folder: place)), now: 0)
        // slice 0 is over; pilot 0 has begun with slice 3, pilot 1 has just taken slice 1, pilot 2 is gone with slice 2
        for (slice, pilot) in [(0, 0), (1, 1), (2, 2), (3, 0)] {
            try File.replace(JobArray.claim(of: slice, in: place), with: Array("\(pilot)\n".utf8))
        }
        try File.replace(JobArray.result(of: 3, by: 0, in: place), with: [])
        try ledger.closed(tag: tag, [LedgerEnd(0, position: 0, how: "finished"), LedgerEnd(pilot: 2, how: "evicted")])

        let jobs = try jobs { $0.filter { $0.key.tag == tag }.map(\.word) == ["running", "running"] }.filter { $0.key.tag == tag }
        #expect(jobs.map(\.tasks) == [["Cut_d_4"], ["Cut_b_2"]])
        #expect(jobs.map(\.log) == ["\(place)/0.log", "\(place)/1.log"])
        let open = try OpenJobs(of: folder.path)
        #expect(open.unclaimed.map(\.tag) == [tag] && open.unclaimed.map(\.tasks) == [["Cut_c_3", "Cut_e_5"]])
        #expect(JobsListCommand.line(open.unclaimed[0]) == "martlet-pilots: no pilot has taken 2 tasks")
        let json = JobsListCommand.json(open.unclaimed[0])
        #expect(json["tag"]?.string == tag && json["state"]?.string == "unclaimed" && json["unclaimed"]?.integer == 2)
        #expect(open.cancel(try JobsCommand.chosen([tag], of: open)).count == 2)
        try endAll()
    }

    @Test func logsOfCollectedJobsAreFoundByTheirNames() throws {
        try folder.file("jobs/martlet-old/0.log", "one")
        try folder.file("jobs/martlet-old/12.log", "two")
        let open = try OpenJobs(of: folder.path)
        func found(_ name: String) -> [String] { JobsLogsCommand.logs(of: name, open, in: folder.path).map(\.heading) }
        #expect(found("martlet-old.12") == ["==> martlet-old.12, collected: \(folder.path)/jobs/martlet-old/12.log"])
        #expect(found("martlet-old").count == 2 && found("martlet-old.1").isEmpty && found("../jobs").isEmpty)
        // an open one is shown once
        #expect(found("Fit_c").count == 1)
        try endAll()
    }

    @Test func aFollowerSeesWhatComesAndAnotherFile() throws {
        let path = try folder.file("jobs/martlet-old/0.log", "one\n")
        let log = try #require(JobLog.collected("martlet-old.0", in: folder.path).first)
        var (_, offset) = try log.end(most: 2)
        #expect(offset == 4)
        #expect(try log.more(since: &offset).isEmpty)
        try File.replace(path, with: Array("one\ntwo\n".utf8))
        #expect(String(decoding: try log.more(since: &offset), as: UTF8.self) == "two\n")
        try File.replace(path, with: Array("new\n".utf8))
        #expect(String(decoding: try log.more(since: &offset), as: UTF8.self) == "new\n")
        try endAll()
    }

    @Test func aTaskWithoutAReportIsFoundByItsOpenJob() throws {
        let described = #"{"tasks":[{"family":"Fit","task":"Fit_c_3","params":{"region":"c"}}]}"#
        try folder.file("jobs/martlet-one/job.json", "{}\n{\"tasks\":[]}\n\(described)\n")
        for name in ["Fit_c_3", "Fit_c", "Fit(region=c)"] {
            let (report, job) = try LogsCommand.find(name, in: folder.path)
            #expect(report == nil && job?.key.text == "martlet-one.1")
        }
        #expect(throws: Diagnostic.self) { try LogsCommand.find("Fit(region=d)", in: folder.path) }
        #expect(throws: Diagnostic.self) { try LogsCommand.find("Fit_", in: folder.path) }
        try endAll()
    }

    @Test func jobsAreNamedByTagIndexOrTask() throws {
        let open = try OpenJobs(of: folder.path)
        func chosen(_ names: String...) throws -> [String] { try JobsCommand.chosen(names, of: open).map(\.key.text) }
        #expect(try chosen("martlet-one.1") == ["martlet-one.1"])
        #expect(try chosen("martlet-one", "martlet-one.1") == ["martlet-one.0", "martlet-one.1"])
        #expect(try chosen("Fit_b", "Plot") == ["martlet-one.0", "martlet-never.0"])
        #expect(throws: Diagnostic.self) { try chosen("martlet-two") }
        try endAll()
    }

    @Test func whatBecameOfJobsIsTold() throws {
        func job(_ index: Int, _ fate: ResubmittedJob.Fate, _ tasks: String...) -> ResubmittedJob {
            ResubmittedJob(JobKey("martlet-one", index), tasks: tasks, fate)
        }
        let fates = [
            job(0, .submitted(["martlet-two.0"]), "Fit_a_1", "Fit_b_2"), job(1, .complete),
            job(2, .refused(why: "a run is at work", hint: "cancel it")), job(3, .uncertain(["martlet-two.1"], why: "timed out"), "Fit_c_3"),
        ]
        #expect(
            JobsResubmitCommand.lines(fates, isTrial: false) == [
                "martlet-one.0 (Fit_a_1 and 1 more): submitted again as martlet-two.0",
                "martlet-one.1: it has done its part: the next run collects it",
                "martlet-one.2: not submitted again: a run is at work", "hint: cancel it",
                "martlet-one.3 (Fit_c_3): submitted again as martlet-two.1, and it is not known whether that was accepted "
                    + "(timed out): the next run finds out",
                "2 jobs are submitted again",
            ])
        #expect(fates.map(\.isTrouble) == [false, false, true, true])
        #expect(JobsResubmitCommand.json(fates[0])["jobs"] == .array([.string("martlet-two.0")]))
        try endAll()
    }

    @Test func jobsOfOlderVersionsAreNotSubmittedAgain() throws {
        _ = try jobs { $0.map(\.word) == ["running", "exit status 1", "unknown"] }
        let open = try OpenJobs(of: folder.path)
        #expect(open.stranded(open.jobs).map(\.key.text) == ["martlet-one.1", "martlet-never.0"])
        let fates = try Assembly.resubmission(in: folder.path, JobResubmission.Wish()).run(open.jobs.map(\.key))
        #expect(fates.count == 3 && fates.allSatisfy { if case .refused = $0.fate { true } else { false } })
        #expect(try OpenJobs(of: folder.path).jobs.map(\.word) == ["running", "exit status 1", "unknown"])
        try endAll()
    }
}
