import MartletBatch
import MartletPorts
import Testing

@Suite struct SlurmTests {
    private let slurm = SlurmDialect()

    private func array(_ count: Int = 3, folder: String = "/home/a/jobs/t", _ change: (inout JobOptions) -> Void = { _ in }) -> JobArray {
        var options = JobOptions()
        change(&options)
        return JobArray(
            tag: "martlet-ends", count: count, command: ["/bin/sh", "it's $HOME"], directory: "/home/a", folder: folder,
            options: options)
    }

    private func asked(_ tag: String, _ count: Int = 4) -> [AskedSubmission] { [AskedSubmission(tag: tag, elements: Array(0..<count))] }

    private func said(_ name: String, _ end: BatchCommandResult.End = .exited(0)) throws -> BatchCommandResult {
        let text = try Recording.text("Slurm/\(name).txt")
        return end == .exited(0) ? BatchCommandResult(end, output: text) : BatchCommandResult(end, errors: text)
    }

    // MARK: submitting

    @Test func aSubmissionIsOneArrayByItsTag() {
        let command = slurm.submission(array(1000))[0]
        #expect(
            command.words == [
                "sbatch", "--parsable", "--job-name=martlet-ends", "--array=0-999", "--chdir=/home/a",
                "--output=/home/a/jobs/t/%a.log", "--open-mode=append",
            ])
        #expect(command.input == "#!/bin/sh\nexec '/bin/sh' 'it'\\''s $HOME' \"$SLURM_ARRAY_TASK_ID\"\n")
    }

    @Test func aPercentSignInAPathIsOne() {
        #expect(slurm.submission(array(folder: "/a%j"))[0].words.contains("--output=/a%%j/%a.log"))
    }

    @Test func optionsAreAskedFor() {
        let command = slurm.submission(
            array {
                ($0.cores, $0.memory, $0.disk, $0.walltime, $0.gpus) = (4, 2_000_000_001, 1 << 30, 61, 1)
                ($0.queue, $0.extra, $0.avoidedNodes) = ("short", ["--account=higgs"], ["n1", "n2"])
            })[0]
        #expect(
            command.words.suffix(8) == [
                "--ntasks=1", "--cpus-per-task=4", "--mem=1908M", "--tmp=1024M", "--time=2", "--gres=gpu:1",
                "--partition=short", "--exclude=n1,n2",
            ])
        #expect(command.input.hasPrefix("#!/bin/sh\n#SBATCH --account=higgs\nexec "))
    }

    @Test func acceptedElementsHaveTheirIDs() throws {
        let answers = slurm.accepted(array(2), [try said("accepted")])
        #expect(answers == [.accepted(JobID("2_0")), .accepted(JobID("2_1"))])
        let federated = BatchCommandResult(.exited(0), output: "sbatch: a word\n17;north\n")
        #expect(slurm.accepted(array(1), [federated]) == [.accepted(JobID("17_0"))])
    }

    @Test(arguments: [
        ("no-partition", "Invalid partition name specified"), ("no-memory", "Requested node configuration is not available"),
        ("no-array", "Invalid job array specification"), ("no-option", "sbatch: unrecognized option '--foo'"),
        ("no-node", "Requested node configuration is not available"),
    ])
    func refusalsAreTheControllersWords(name: String, why: String) throws {
        #expect(slurm.accepted(array(1), [try said("refused-\(name)", .exited(1))]) == [.refused(why)])
    }

    @Test func aLineThatCannotBeReadIsRefused() {
        let said = "sbatch: fatal: stdin: line 2: Unmatched `'` in [--comment=martlet's]"
        #expect(slurm.accepted(array(1), [BatchCommandResult(.exited(1), errors: said)]) == [.refused(said)])
    }

    @Test(arguments: [
        ["sbatch: error: ClusterName needs to be specified", "sbatch: fatal: Unable to process configuration file"],
        [
            "sbatch: error: resolve_ctls_from_dns_srv: res_nsearch error: Unknown host",
            "sbatch: error: fetch_config: DNS SRV lookup failed",
            "sbatch: error: _establish_config_source: failed to fetch config",
            "sbatch: fatal: Could not establish a configuration source",
        ],
    ])
    func withoutConfigurationNothingIsSubmitted(lines: [String]) {
        let result = BatchCommandResult(.exited(1), errors: lines.joined(separator: "\n") + "\n")
        #expect(slurm.accepted(array(1), [result]) == [.refused(lines.joined(separator: "; "))])
    }

    @Test func aConfigurationThatItsControllerDoesNotSendMayCome() {
        let lines = ["sbatch: error: Unable to contact slurm controller", "sbatch: fatal: Could not establish a configuration source"]
        let result = BatchCommandResult(.exited(1), errors: lines.joined(separator: "\n"))
        #expect(slurm.accepted(array(1), [result]) != [.refused(lines.joined(separator: "; "))])
    }

    /// In each of these the controller may have taken the jobs.
    @Test(arguments: [
        BatchCommandResult(.timedOut), BatchCommandResult(.signalled("SIGKILL")), BatchCommandResult(.exited(0), output: ""),
        BatchCommandResult(.exited(1), errors: "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation"),
        BatchCommandResult(.exited(1), errors: "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received"),
        BatchCommandResult(.exited(1), errors: "sbatch: error: Batch job submission failed: Resource temporarily unavailable"),
        BatchCommandResult(.exited(1), errors: "something else"),
    ])
    func whatProvesNothingIsUncertain(result: BatchCommandResult) {
        guard case .uncertain? = slurm.accepted(array(1), [result]).first else {
            Issue.record("\(result) is certain")
            return
        }
    }

    @Test func aControllerThatIsAwayIsUncertain() throws {
        let answer = slurm.accepted(array(1), [try said("no-controller-sbatch", .exited(1))])
        #expect(
            answer == [
                .uncertain(
                    "sbatch ended with exit status 1: sbatch: error: Batch job submission failed: "
                        + "Unable to contact slurm controller (connect failure)")
            ])
    }

    // MARK: asking

    @Test func oneQuestionForAllOfOurs() {
        let words = slurm.listing(asked("a") + asked("b"))[0].words
        #expect(words.prefix(5) == ["squeue", "--me", "--array", "--noheader", "--states=all"])
        #expect(words.last == "--name=a,b")
        let many = (0..<200).flatMap { asked("t\($0)") }
        #expect(slurm.listing(many).count == 1 && slurm.listing(many)[0].words.count == 6)
        #expect(slurm.listing([]).isEmpty)
    }

    @Test func theQueueIsRead() throws {
        let ends = slurm.read(asked("martlet-ends"), [try said("queue")])
        #expect(ends.isComplete)
        #expect(
            Dictionary(uniqueKeysWithValues: ends.jobs.map { ($0.key.index, $0.state) }) == [
                0: .running, 1: .ended(.exited(3)), 2: .ended(.signalled(9)), 3: .running,
            ])
        #expect(ends.jobs.allSatisfy { $0.node == "n1" && $0.id.raw == "1_\($0.key.index)" })
        let wait = slurm.read(asked("martlet-wait"), [try said("queue")]).jobs
        // who holds a job of their own wants it to wait
        #expect(wait.map(\.state) == [.pending("JobHeldUser"), .held("JobHeldAdmin")])
        #expect(slurm.read(asked("martlet-big"), [try said("queue")]).jobs.map(\.state) == [.pending("Resources"), .pending("Resources")])
    }

    @Test(arguments: [
        ("PartitionConfig", true), ("QOSMaxCpuPerJobLimit", true), ("AssocMaxWallDurationPerJobLimit", true),
        ("QOSMaxMemoryPerNode", true), ("QOSMinCpuNotSatisfied", true), ("AccountNotAllowed", true), ("MaxMemPerLimit", true),
        ("Priority", false), ("Resources", false), ("ReqNodeNotAvail, UnavailableNodes:n1", false), ("PartitionDown", false),
        ("AssocGrpCpuLimit", false), ("AssocGrpMemRunMinutes", false), ("AssocMaxJobsLimit", false),
        ("QOSMaxCpuPerUserLimit", false), ("QOSMaxJobsPerUserLimit", false), ("QOSMaxSubmitJobPerUserLimit", false),
        ("JobHeldUser", false), ("BeginTime", false), ("Licenses", false),
    ])
    func whatNeverPassesIsToldFromWhatDoes(reason: String, isStuck: Bool) throws {
        let line = "7|0|martlet-ends|PENDING|0||\(reason)|\n"
        let jobs = slurm.read(asked("martlet-ends", 1), [BatchCommandResult(.exited(0), output: line)]).jobs
        #expect(jobs.map(\.state) == [isStuck ? .held(reason) : .pending(reason)])
    }

    @Test func aQueueThatCannotBeAskedProvesNothing() throws {
        let listing = slurm.read(asked("martlet-ends"), [try said("no-controller-squeue", .exited(1))])
        #expect(listing.gap?.contains("Unable to contact slurm controller") == true)
        var cut = try said("queue")
        cut.isCut = true
        #expect(!slurm.read(asked("martlet-ends"), [cut]).isComplete)
    }

    @Test func historyIsRead() throws {
        let ends = slurm.readHistory(asked("martlet-ends"), [try said("history")])
        #expect(ends.isComplete)
        #expect(
            ends.jobs.map(\.state) == [.ended(.succeeded), .ended(.exited(3)), .ended(.signalled(9)), .ended(.cancelled)])
        #expect(ends.jobs[0].peakMemory == 210_360 << 10)
        // one that runs is still among those that wait together
        let big = slurm.readHistory(asked("martlet-big"), [try said("history")]).jobs
        #expect(big.map(\.state) == [.running, .pending(nil)] && big.map(\.id.raw) == ["4_0", "4_1"])
    }

    @Test func rangesOfElementsAreRead() {
        let jobs = slurm.readHistory(
            asked("t"), [BatchCommandResult(.exited(0), output: "9_[0-1,5,7-11:2%3]|t|PENDING|0:0|None assigned|\n")]
        ).jobs
        #expect(jobs.map(\.key.index) == [0, 1, 5, 7, 9, 11])
    }

    @Test(arguments: [
        ("OUT_OF_MEMORY", JobEnd.outOfMemory), ("TIMEOUT", .timeLimit), ("NODE_FAIL", .nodeFailure("NODE_FAIL")),
        ("PREEMPTED", .evicted("preempted")), ("CANCELLED by 1000", .cancelled), ("DEADLINE", .timeLimit),
        ("REVOKED", .unknown("REVOKED")),
    ])
    func endsHaveCauses(word: String, end: JobEnd) {
        let line = "9_0|t|\(word)|0:0|n1|\n"
        #expect(slurm.readHistory(asked("t", 1), [BatchCommandResult(.exited(0), output: line)]).jobs.map(\.state) == [.ended(end)])
    }

    @Test func withoutAccountsTheQueueIsAllThereIs() {
        let result = BatchCommandResult(.exited(1), errors: "Slurm accounting storage is disabled")
        #expect(slurm.readHistory(asked("t"), [result]) == BatchListing(jobs: [], gap: nil))
        #expect(!slurm.readHistory(asked("t"), [BatchCommandResult(.exited(1), errors: "sacct: error: no")]).isComplete)
    }

    // MARK: cancelling

    @Test func manyJobsAreCancelledByFewCommands() {
        let commands = slurm.cancellation((0..<4500).map { JobID("1_\($0)") })
        #expect(commands.map(\.words.count) == [2001, 2001, 501])
    }

    @Test func jobsThatHaveEndedAreNoTrouble() {
        let gone = "scancel: error: Kill job error on job id 1_0: Invalid job id specified"
        #expect(slurm.refusal([JobID("1_0")], [BatchCommandResult(.exited(1), errors: gone)]) == nil)
        let denied = "scancel: error: Kill job error on job id 1_0: Access/permission denied"
        #expect(slurm.refusal([JobID("1_0")], [BatchCommandResult(.exited(1), errors: denied)]) != nil)
    }
}
