import MartletModel
import MartletRecords
import Testing

@testable import MartletCLI

@Suite struct RecordCommandTests {
    let folder: TemporaryFolder
    let records: ReportCatalogue
    static let second: Int64 = 1_000_000_000

    init() throws {
        folder = try TemporaryFolder()
        let directory = StateDirectory.reports(in: folder.path)
        let header = SegmentHeader(kind: .reports, segment: "one", host: "lxplus", user: "anna", pid: 7, started: 0)
        let writer = SegmentWriter(directory: directory, header: header)
        for report in [
            Self.report("Selection", "ttH125", .done, start: 10),
            Self.report("Selection", "ttJets", .failed, cause: "ZeroDivisionError: division by zero", start: 20),
            Self.report("Plots", "all", .failed, cause: "no such file", start: 30),
            Self.report("Plots", "all", .done, start: 40),
        ] {
            var members: [UInt8] = []
            report.encode(into: &members)
            _ = try writer.append(members)
        }
        records = try ReportCatalogue(directory: directory)
        try folder.file("logs/one.log", "before\nhello\nafter\n")
    }

    static func report(
        _ family: String, _ dataset: String, _ outcome: Execution.Outcome, cause: String = "", start: Int64
    ) -> Report {
        Report(
            task: "\(family)_\(dataset)_0", family: family, title: "\(family)(dataset=\(dataset))",
            parameters: .object([JSONMember("dataset", .string(dataset))]),
            outputs: [RecordedOutput(path: "\(dataset).root", size: 12, modified: nil)],
            execution: Execution(
                outcome: outcome, cause: cause, start: start * second, wall: 1.5, cpu: 90, worker: 1,
                log: Execution.LogSpan(file: "logs/one.log", offset: 7, length: 6)))
    }

    @Test func statusCountsTheNewestExecutionsAndNamesWhatFailed() throws {
        let lines = StatusCommand.lines(try AreaStatus(records), directory: "/state")
        #expect(lines == [
            "Reports in /state, times in UTC",
            "",
            "family     tasks  done  failed         CPU  outputs  newest",
            "Selection      2     1       1   3 min 0 s     24 B  1970-01-01 00:00:20",
            "Plots          1     1       0  1 min 30 s     12 B  1970-01-01 00:00:40",
            "",
            "Failed at the last try:",
            "  Selection(dataset=ttJets): ZeroDivisionError: division by zero",
            "    martlet logs Selection_ttJets_0",
        ])
    }

    @Test func listShowsTheNewestUnlessAllAreAskedFor() throws {
        func titles(_ pattern: String, failed: Bool = false, all: Bool = false) throws -> Int {
            max(0, ReportsList.lines(try records.executions(fitting: pattern, failed: failed, all: all)).count - 1)
        }
        #expect(try titles("*") == 3)
        #expect(try titles("*", all: true) == 4)
        #expect(try titles("Plots") == 1)
        #expect(try titles("*", failed: true) == 1)
        #expect(try titles("*", failed: true, all: true) == 2)
        #expect(try titles("Nothing") == 0)
    }

    @Test func showSaysEverythingThatIsRecorded() throws {
        let lines = try ReportsShow.lines(try records.entry(records.find("Selection(dataset=ttJets)")), records)
        for expected in [
            "outcome     failed", "cause       ZeroDivisionError: division by zero", "parameter   dataset = ttJets",
            "output      ttJets.root, 12 bytes", "run by      anna on lxplus, process 7",
        ] {
            #expect(lines.contains(expected), "\(expected) in \(lines)")
        }
    }

    @Test func logsAreCutOutOfTheWorkersFile() throws {
        let log = try #require(try records.report(of: records.find("Plots")).execution.log)
        #expect(String(decoding: try LogsCommand.bytes(log, directory: folder.path), as: UTF8.self) == "hello\n")
        try folder.file("logs/one.log", "before\nhel")
        let problem = #expect(throws: Diagnostic.self) { try LogsCommand.bytes(log, directory: folder.path) }
        #expect(problem?.code == .fileUnreadable)
    }

    @Test func durationsUseTheUnitThatFits() {
        let expected: [(Double, String)] = [
            (0, "0.0 ms"), (0.0123, "12.3 ms"), (0.9999, "1.0 s"), (59.99, "1 min 0 s"), (3599, "59 min 59 s"),
            (7500, "2 h 05 min"),
        ]
        for (seconds, text) in expected { #expect(Duration.text(seconds) == text) }
    }
}

@Suite struct ScriptStatusTests {
    @Test func aScriptIsAskedWhatItSaysNow() {
        #expect(StatusCommand.ofScript(["status", "tth.py", "TTH", "--json"]) == ["run", "tth.py", "TTH", "--json", "--status"])
        #expect(
            StatusCommand.ofScript(["status", "tth.py", "TTH", "--depth", "2", "--depth-cut=3"])
                == ["run", "tth.py", "TTH", "--print-status", "2", "--depth-cut=3"])
        #expect(StatusCommand.ofScript(["status", "a.py", "A", "--depth=-1"]) == ["run", "a.py", "A", "--print-status=-1"])
        #expect(
            StatusCommand.ofScript(["status", "a.py", "A", "--pattern", "B*"])
                == ["run", "a.py", "A", "--pattern", "B*", "--print-status=-1"])
        #expect(StatusCommand.ofScript(["status", "--depth", "2"]) == nil)
        #expect(StatusCommand.ofScript(["run", "tth.py"]) == nil)
    }
}

@Suite struct ExitCodeTests {
    @Test func mistakesOnTheCommandLineEndWithTwo() {
        #expect(MartletCommand.run(["bogus"]) == 2)
        #expect(MartletCommand.run(["status", "--bogus"]) == 2)
        #expect(MartletCommand.run(["logs"]) == 2)
    }

    @Test func helpAndVersionEndWithZero() {
        #expect(MartletCommand.run(["--version"]) == 0)
        #expect(MartletCommand.run(["--help"]) == 0)
        #expect(MartletCommand.run(["reports", "show", "--help"]) == 0)
    }

    @Test func absentRecordsAreTheUsersToMend() {
        #expect(MartletCommand.run(["status", "--state", "/nowhere/.martlet"]) == 2)
    }

    @Test func everythingBehindRunGoesToPython() throws {
        let words = ["reco.py", "Reconstruction", "--help", "--", "-n", "--version"]
        let run = try #require(try MartletCommand.parseAsRoot(["run"] + words) as? RunCommand)
        #expect(run.words == words)
    }
}
