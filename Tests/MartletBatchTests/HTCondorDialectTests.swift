import MartletBatch
import MartletPorts
import Testing

@Suite struct HTCondorDialectTests {
    let condor = HTCondorDialect()

    private func array(_ count: Int = 3, files: [String] = [], _ change: (inout JobOptions) -> Void = { _ in }) -> JobArray {
        var options = JobOptions()
        change(&options)
        return JobArray(
            tag: "martlet-ends", count: count, command: ["/bin/sh", "/home/a/bootstrap.sh", "it's $HOME", "say \"hi\""],
            directory: "/home/a", folder: "/home/a/jobs/martlet-ends", files: files, options: options)
    }

    private func lines(_ array: JobArray) -> [String] {
        condor.submission(array)[0].files[0].content.split(separator: "\n").map(String.init)
    }

    private func listing(_ tags: String...) -> [AskedSubmission] { tags.map { AskedSubmission(tag: $0, elements: [0, 1, 2, 3]) } }

    // MARK: submission

    @Test func aSubmissionIsOneClusterOfAllElements() {
        let command = condor.submission(array(1000))[0]
        #expect(command.words == ["condor_submit", "-terse", "/home/a/jobs/martlet-ends/htcondor.submit"])
        let lines = lines(array(1000))
        #expect(lines.last == "queue 1000")
        #expect(lines.contains("+MartletTag = \"martlet-ends\""))
        #expect(lines.contains("output = /home/a/jobs/martlet-ends/$(ProcId).log"))
    }

    @Test func argumentsAreQuotedAsHTCondorWantsThem() {
        #expect(lines(array()).contains(
            "arguments = \"/home/a/bootstrap.sh 'it''s $(DOLLAR)HOME' 'say \"\"hi\"\"' $(ProcId)\""))
    }

    @Test func whatIsAskedForIsInTheUnitsOfTheDescription() {
        let lines = lines(array {
            $0.cores = 4
            $0.memory = 2_000_000_001
            $0.disk = 5_000_000
            $0.walltime = 3600.5
            $0.gpus = 1
            $0.queue = "group_physics"
        })
        for line in [
            "request_cpus = 4", "request_memory = 1908", "request_disk = 4883", "allowed_job_duration = 3601",
            "+MaxRuntime = 3601", "request_gpus = 1", "accounting_group = group_physics",
        ] { #expect(lines.contains(line), "\(line)") }
    }

    @Test func requirementsOfTheUserAndAvoidedNodesAreJoined() {
        let lines = lines(array {
            $0.extra = ["Requirements = OpSysMajorVer >= 9", "+JobFlavour = \"longlunch\""]
            $0.avoidedNodes = ["bad.example.org"]
        })
        #expect(lines.contains("requirements = (OpSysMajorVer >= 9) && (TARGET.Machine =!= \"bad.example.org\")"))
        #expect(lines.contains("+JobFlavour = \"longlunch\""))
        #expect(!lines.contains("Requirements = OpSysMajorVer >= 9"))
    }

    @Test func filesTravelWhereTheUserWantsThemTo() {
        let lines = lines(array(files: ["/home/a/bootstrap.sh"]) { $0.extra = ["should_transfer_files = YES"] })
        #expect(lines.contains("transfer_input_files = /home/a/bootstrap.sh"))
        #expect(lines.contains { $0.hasPrefix("arguments = \"bootstrap.sh ") })
        #expect(lines.contains("initialdir = /home/a/jobs/martlet-ends"))
        #expect(!lines.contains("should_transfer_files = NO"))
    }

    @Test func anAcceptedClusterNumbersItsElements() {
        let answers = condor.accepted(array(), [BatchCommandResult(.exited(0), output: "2.0 - 2.2\n")])
        #expect(answers == [.accepted(JobID("2.0")), .accepted(JobID("2.1")), .accepted(JobID("2.2"))])
    }

    @Test func aFaultInTheDescriptionIsARefusal() throws {
        let said = BatchCommandResult(.exited(1), errors: try Recording.text("HTCondor/refused.txt"))
        guard case .refused(let why) = condor.accepted(array(1), [said])[0] else { return #expect(Bool(false)) }
        #expect(why.contains("Parse error in expression"))
        #expect(why.contains("Requirements = ((("))
    }

    @Test(arguments: ["submit-no-schedd", "submit-no-answer"])
    func aScheddThatIsAwayProvesNothing(_ name: String) throws {
        let said = BatchCommandResult(.exited(1), errors: try Recording.text("HTCondor/\(name).txt"))
        guard case .uncertain(let why) = condor.accepted(array(1), [said])[0] else { return #expect(Bool(false)) }
        #expect(why.hasPrefix("ERROR: "))
    }

    @Test(arguments: [BatchCommandResult(.timedOut), BatchCommandResult(.signalled("SIGKILL")), BatchCommandResult(.exited(0))])
    func anEndWithoutAnAnswerProvesNothing(_ result: BatchCommandResult) {
        guard case .uncertain = condor.accepted(array(1), [result])[0] else { return #expect(Bool(false)) }
    }

    // MARK: listing

    private func states(_ listing: BatchListing) -> [String: SeenState] {
        Dictionary(listing.jobs.map { ($0.key.text, $0.state) }, uniquingKeysWith: { first, _ in first })
    }

    @Test func theQueueTellsWhatWaitsRunsAndIsHeld() throws {
        let asked = listing("martlet-big", "martlet-run", "martlet-held", "martlet-long", "martlet-none")
        let said = BatchCommandResult(.exited(0), output: try Recording.text("HTCondor/queue.json"))
        let seen = condor.read(asked, [said])
        #expect(seen.isComplete)
        #expect(states(seen) == [
            "martlet-big.0": .pending(nil),
            "martlet-run.0": .running,
            "martlet-run.1": .pending("runs again: User requested the job to vacate"),
            "martlet-held.0": .held("via condor_hold (by user analyst)"),
            "martlet-long.0": .ended(.timeLimit),
            "martlet-none.0": .held(
                "Error from slot1_8@node.example.org: Failed to execute '/no/such/program' with arguments -c x: "
                    + "(errno=2: 'No such file or directory')"),
        ])
        let run = seen.jobs.first { $0.key == JobKey("martlet-run", 0) }
        #expect(run?.node == "node.example.org")
    }

    @Test func theHistoryTellsHowJobsEnded() throws {
        let said = BatchCommandResult(.exited(0), output: try Recording.text("HTCondor/history.json"))
        let seen = condor.readHistory(listing("martlet-ends", "martlet-rem", "martlet-policy"), [said])
        #expect(states(seen) == [
            "martlet-ends.0": .ended(.succeeded),
            "martlet-ends.1": .ended(.exited(1)),
            "martlet-ends.2": .ended(.exited(2)),
            "martlet-ends.3": .ended(.signalled(9)),
            "martlet-rem.0": .ended(.cancelled),
            "martlet-policy.0": .ended(.unknown(
                "removed: The job attribute PeriodicRemove expression 'JobStatus == 2 && time() - EnteredCurrentStatus > 3' "
                    + "evaluated to TRUE")),
        ])
        let first = seen.jobs.first { $0.key == JobKey("martlet-ends", 0) }
        #expect(first?.id == JobID("2.0"))
        #expect(first?.peakMemory == 4464 * 1024)
    }

    @Test func jobsOfOtherTagsAreLeftOut() throws {
        let said = BatchCommandResult(.exited(0), output: try Recording.text("HTCondor/history.json"))
        #expect(condor.readHistory(listing("martlet-rem"), [said]).jobs.map(\.key.tag) == ["martlet-rem"])
    }

    @Test(arguments: ["", "\n", "[\n]\n"]) func nothingIsACompleteAnswer(_ output: String) {
        #expect(condor.read(listing("martlet-x"), [BatchCommandResult(.exited(0), output: output)])
            == BatchListing(jobs: [], gap: nil))
    }

    @Test func nothingIsNotAskedAbout() {
        #expect(condor.listing([]).isEmpty)
        #expect(condor.read([], []) == BatchListing(jobs: [], gap: nil))
        #expect(condor.cancellation([]).isEmpty)
    }

    @Test(arguments: ["queue-no-schedd", "queue-no-answer"]) func noAnswerIsAGap(_ name: String) throws {
        let said = BatchCommandResult(.exited(1), errors: try Recording.text("HTCondor/\(name).txt"))
        #expect(condor.read(listing("martlet-x"), [said]).gap != nil)
    }

    @Test func aBrokenListIsAGap() throws {
        let whole = try Recording.text("HTCondor/queue.json")
        let half = BatchCommandResult(.exited(0), output: String(whole.prefix(whole.count / 2)))
        #expect(!condor.read(listing("martlet-run"), [half]).isComplete)
        #expect(!condor.read(listing("martlet-run"), [BatchCommandResult(.exited(0), output: whole, isCut: true)]).isComplete)
    }

    @Test func theHistoryIsAskedForWhatIsMissingAndNoFurtherBack() {
        let asked = [AskedSubmission(tag: "martlet-a", elements: [0, 1, 2, 7], submitted: 1_796_027_600)]
        #expect(condor.history(asked)[0].words.suffix(6) == [
            "-since", "EnteredCurrentStatus < 1796024000", "-limit", "4", "-constraint",
            "(MartletTag == \"martlet-a\" && (ProcId >= 0 && ProcId <= 2 || ProcId == 7))",
        ])
    }

    // MARK: cancellation

    @Test func onlyJobsWithATagAreCancelled() {
        let commands = condor.cancellation([JobID("4.0"), JobID("4.1"), JobID("9.5")])
        #expect(commands.map(\.words) == [[
            "condor_rm", "-constraint",
            "MartletTag =!= undefined && ((ClusterId == 4 && (ProcId >= 0 && ProcId <= 1)) || (ClusterId == 9 && (ProcId == 5)))",
        ]])
    }

    @Test func jobsThatAreGoneAreNoError() throws {
        let gone = BatchCommandResult(.exited(1), errors: try Recording.text("HTCondor/rm-unknown.txt"))
        #expect(condor.refusal([JobID("77.0")], [gone]) == nil)
        let away = BatchCommandResult(.exited(1), errors: "\nERROR: Can't find address of local schedd\n")
        #expect(condor.refusal([JobID("77.0")], [away]) == "ERROR: Can't find address of local schedd")
    }
}
