import MartletBatch
import MartletPorts
import Testing

@Suite struct ARCDialectTests {
    let arc = ARCDialect()
    static let jobs = "https://localhost/arex/rest/1.0/jobs/"

    private func array(_ count: Int = 2, files: [String] = [], _ change: (inout JobOptions) -> Void = { _ in }) -> JobArray {
        var options = JobOptions()
        options.queue = "localhost"
        change(&options)
        return JobArray(
            tag: "martlet-rec", count: count, command: ["sh", "/home/a/jobs/bootstrap.sh", "say \"hi\", it's $HOME"],
            directory: "/home/a", folder: "/home/a/jobs/martlet-rec", files: files, options: options)
    }

    private func description(_ array: JobArray) -> String { arc.submission(array)[0].files[0].content }

    private func said(_ name: String) throws -> BatchCommandResult {
        BatchCommandResult(.exited(0), output: try Recording.text("ARC/\(name).json"))
    }

    /// The submission that was recorded: six jobs whose ids `new.json` tells.
    private func recorded() throws -> AskedSubmission {
        var asked = AskedSubmission(tag: "martlet-rec", elements: [0, 1, 2, 3, 4, 5], queue: "localhost")
        for (index, answer) in arc.accepted(array(7), [try said("new")]).enumerated() {
            if case .accepted(let id) = answer { asked.ids[index] = id }
        }
        return asked
    }

    // MARK: submitting

    @Test func oneConversationMakesAllJobs() {
        let commands = arc.submission(array(500, files: ["/home/a/jobs/bootstrap.sh"]))
        #expect(commands.count == 1)
        #expect(commands[0].words.suffix(5) == [
            "new", "https://localhost/arex", "/home/a/jobs/martlet-rec/arc.xrsl", "/home/a/jobs/martlet-rec/arc.sh",
            "/home/a/jobs/bootstrap.sh",
        ])
        #expect(commands[0].files[0].content.split(separator: "\n").count == 500)
    }

    @Test func aJobIsDescribedWithItsFilesUnderTheirNames() {
        let array = array(1, files: ["/home/a/jobs/bootstrap.sh"])
        #expect(description(array) == """
            &(executable="/bin/sh")(arguments="arc.sh" "0")(jobName="martlet-rec.0")(stdout="0.log")(stderr="0.log")\
            (inputFiles=("arc.sh" "")("bootstrap.sh" ""))(outputFiles=("0.log" "")("0.result" ""))

            """)
        #expect(arc.submission(array)[0].files[1].path == "/home/a/jobs/martlet-rec/arc.sh")
        #expect(arc.submission(array)[0].files[1].content == #"""
            exec 'sh' 'bootstrap.sh' 'say "hi", it'\''s $HOME' "$1"

            """#)
    }

    @Test func aFileThatAStoreHasIsFetchedByTheElementAndNotSent() {
        var array = array(1, files: ["/home/a/jobs/bootstrap.sh", "/home/a/b/0123.tar.gz"])
        array.sources = ["/home/a/b/0123.tar.gz": "https://door.example.org/bundles/0123.tar.gz"]
        #expect(description(array).contains(
            "(inputFiles=(\"arc.sh\" \"\")(\"bootstrap.sh\" \"\")"
                + "(\"0123.tar.gz\" \"https://door.example.org/bundles/0123.tar.gz\" \"cache=invariant\"))"))
        #expect(!arc.submission(array)[0].words.contains("/home/a/b/0123.tar.gz"))
        #expect(arc.submission(array)[0].words.last == "/home/a/jobs/bootstrap.sh")
    }

    @Test func whatIsAskedForIsInARCsUnits() {
        let text = description(array(1) {
            $0.cores = 4
            $0.memory = 8_000_000_000
            $0.disk = 1_000_000_000
            $0.walltime = 3599.2
            $0.queue = "https://localhost:443/arex/long"
            $0.extra = ["(runTimeEnvironment=\"ENV/PROXY\")"]
        })
        #expect(text.hasSuffix("""
            (count="4")(countPerNode="4")(memory="1908")(disk="954")(wallTime="3600 seconds")(queue="long")\
            (runTimeEnvironment="ENV/PROXY")

            """))
    }

    @Test(arguments: [
        ("ce.example.org", "https://ce.example.org/arex"), ("ce.example.org/long", "https://ce.example.org/arex"),
        ("https://ce.example.org:8443/arex/", "https://ce.example.org:8443/arex"),
    ])
    func aComputingElementIsNamedInSeveralWays(_ written: String, _ url: String) {
        #expect(arc.submission(array(1) { $0.queue = written })[0].words.contains(url))
    }

    @Test func withoutAComputingElementNothingIsSent() {
        let lost = array(2) { $0.queue = nil }
        #expect(arc.submission(lost).isEmpty)
        guard case .refused(let why) = arc.accepted(lost, [])[1] else { return #expect(Bool(false)) }
        #expect(why.contains("`queue`"))
        guard case .refused(let gpus) = arc.accepted(array(1) { $0.gpus = 1 }, [])[0] else { return #expect(Bool(false)) }
        #expect(gpus.contains("`gpus`"))
    }

    @Test func eachJobIsAcceptedOrRefusedByItself() throws {
        let answers = arc.accepted(array(7), [try said("new")])
        #expect(answers[0] == .accepted(JobID(Self.jobs + "yvgNDmRSCsAoOSAtDmABFKDmABFKDmABFKDmhIJKDmQGFKDmmikVOn")))
        #expect(answers[6] == .refused("Requested queue nope is not allowed for this user"))
    }

    @Test func oneJobIsToldOfWithoutAList() throws {
        guard case .accepted = arc.accepted(array(1), [try said("new-one")])[0] else { return #expect(Bool(false)) }
    }

    @Test func aDescriptionThatCannotBeReadIsARefusalOfAll() throws {
        let answers = arc.accepted(array(3), [try said("new-unreadable")])
        #expect(answers == Array(repeating: .refused("nordugrid:xrsl parsing error:\n')' expected"), count: 3))
    }

    @Test func jobsThatWereMadeAreAcceptedThoughTheirFilesWereNotSent() throws {
        var result = try said("new")
        result.end = .exited(55)
        guard case .accepted = arc.accepted(array(7), [result])[0] else { return #expect(Bool(false)) }
    }

    @Test func anElementThatCannotBeReachedHasNoJobAndOneThatFailsProvesNothing() throws {
        let away = BatchCommandResult(.exited(7), errors: try Recording.text("ARC/away.txt"))
        guard case .unreachable(let why) = arc.accepted(array(1), [away])[0] else { return #expect(Bool(false)) }
        #expect(why == "a proxy for the jobs could not be delegated: "
            + "curl: (7) Failed to connect to localhost port 1 after 0 ms: Couldn't connect to server")
        let broken = BatchCommandResult(.exited(22), errors: try Recording.text("ARC/not-an-element.txt"))
        guard case .uncertain = arc.accepted(array(1), [broken])[0] else { return #expect(Bool(false)) }
        guard case .uncertain = arc.accepted(array(1), [BatchCommandResult(.timedOut)])[0] else { return #expect(Bool(false)) }
    }

    @Test func whatIsMissingHereOrNotAllowedThereIsARefusal() {
        let none = BatchCommandResult(.exited(70), errors: "there is neither a proxy (/tmp/x509up_u5) nor a token\n")
        #expect(arc.accepted(array(1), [none]) == [.refused("there is neither a proxy (/tmp/x509up_u5) nor a token")])
        let no = BatchCommandResult(.exited(22), errors: "curl: (22) The requested URL returned error: 403\n")
        #expect(arc.accepted(array(1), [no]) == [.refused("curl: (22) The requested URL returned error: 403")])
    }

    // MARK: asking

    @Test func jobsWithIdsAreAskedForAtTheirElement() throws {
        let commands = arc.listing([try recorded()])
        #expect(commands.count == 1)
        #expect(commands[0].words.suffix(2) == ["status", "https://localhost/arex"])
        #expect(commands[0].input.hasPrefix("{\"job\":[{\"id\":\""))
    }

    @Test func jobsWithoutIdsAreLookedForByName() {
        let commands = arc.listing([
            AskedSubmission(tag: "a", elements: [0], queue: "ce.example.org/long"),
            AskedSubmission(tag: "b", elements: [0, 1], queue: "ce.example.org"),
        ])
        #expect(commands.map { $0.words.suffix(2) } == [["all", "https://ce.example.org/arex"]])
    }

    private func states(_ listing: BatchListing) -> [Int: SeenState] {
        Dictionary(listing.jobs.map { ($0.key.index, $0.state) }, uniquingKeysWith: { first, _ in first })
    }

    @Test func statesAreToldWithTheCauseOfAFailure() throws {
        let listing = arc.read([try recorded()], [try said("status")])
        #expect(listing.gap == nil)
        #expect(states(listing) == [
            0: .ended(.succeeded), 1: .ended(.exited(3)), 2: .running, 3: .running, 4: .pending("preparing"),
            5: .ended(.unknown("LRMS error: (-1) Job died unexpectedly")),
        ])
    }

    /// Exits with 3, lacks its input, was cancelled, was removed.
    @Test func fatesOfJobsAreToldApart() throws {
        var asked = AskedSubmission(tag: "martlet-rec", elements: [0, 1, 2, 3], queue: "localhost")
        for (index, answer) in arc.accepted(array(4), [try said("new-fates")]).enumerated() {
            if case .accepted(let id) = answer { asked.ids[index] = id }
        }
        let listing = arc.read([asked], [try said("fates")])
        #expect(listing.isComplete)
        #expect(states(listing) == [
            0: .ended(.exited(3)), 2: .ended(.cancelled),
            1: .ended(.unknown("Failed in data staging: Failed checking source replica http://store.example.org/none: "
                + "Failed to obtain information about file: No such file or directory: Not Found")),
        ])
    }

    @Test func aSubmissionThatWasLostIsFoundByItsName() throws {
        let asked = [AskedSubmission(tag: "martlet-rec", elements: [0, 1, 2], queue: "localhost")]
        let fresh = arc.read(asked, [try said("all-fresh")])
        #expect(fresh.isComplete)
        #expect(fresh.jobs.map(\.key.index).sorted() == [0, 1, 2])
        #expect(fresh.jobs.allSatisfy { $0.id.raw.hasPrefix(Self.jobs) })
        let later = arc.read(asked, [try said("all")])
        #expect(states(later) == [0: .ended(.succeeded), 1: .ended(.exited(3)), 2: .running])
        #expect(later.jobs.first { $0.key.index == 2 }?.node == "node.example.org")
    }

    @Test func aJobThatNobodyKnowsIsMissingFromACompleteList() throws {
        let asked = [AskedSubmission(tag: "x", elements: [0], ids: [0: JobID(Self.jobs + "nonesuch")])]
        #expect(arc.read(asked, [try said("status-unknown")]) == BatchListing(jobs: [], gap: nil))
    }

    @Test func anElementThatDoesNotAnswerIsAGapAndTheOthersAreTold() throws {
        var asked = try recorded()
        asked.elements.append(6)
        asked.ids[6] = JobID("https://away.example.org/arex/rest/1.0/jobs/x")
        let away = BatchCommandResult(.exited(28), errors: "curl: (28) Connection timed out\n")
        #expect(arc.listing([asked]).map { $0.words.last } == ["https://away.example.org/arex", "https://localhost/arex"])
        let listing = arc.read([asked], [away, try said("status")])
        #expect(listing.gap == "https://away.example.org/arex does not answer: curl: (28) Connection timed out")
        #expect(listing.jobs.count == 6)
        // those are of one submission: nothing of it counts as missing, but what another has
        #expect(listing.unheard == [asked.tag])
    }

    // MARK: who asks

    private static let who = "{\"who\":\"0123456789ab\"}\n"

    @Test func anIdTellsWhoHasSubmittedTheJobAndItsFilesAreWithoutThat() throws {
        var made = try said("new")
        made.output += "\n" + Self.who
        guard case .accepted(let id) = arc.accepted(array(7), [made])[0] else { return #expect(Bool(false)) }
        #expect(id.raw.hasSuffix("#0123456789ab"))
        let job = CollectedJob(key: JobKey("martlet-rec", 0), id: id, log: "/l", result: "/r")
        #expect(!arc.collection([job])[0].input.contains("#"))
        #expect(arc.cancellation([id])[0].input == arc.cancellation([JobID(String(id.raw.prefix { $0 != "#" }))])[0].input)
    }

    @Test func jobsOfAnotherIdentityAreNotMissing() throws {
        let own = AskedSubmission(tag: "x", elements: [0], ids: [0: JobID(Self.jobs + "nonesuch#0123456789ab")])
        let others = AskedSubmission(tag: "x", elements: [0], ids: [0: JobID(Self.jobs + "nonesuch#ba9876543210")])
        var said = try said("status-unknown")
        said.output = Self.who + said.output
        #expect(arc.read([own], [said]).isComplete)
        #expect(arc.read([others], [said]).gap?.contains("another certificate or token") == true)
    }

    @Test func whoMayNotAskProvesNothing() throws {
        let asked = AskedSubmission(tag: "x", elements: [0], ids: [0: JobID(Self.jobs + "a")])
        let refused = BatchCommandResult(.exited(22), errors: "curl: (22) The requested URL returned error: 403\n")
        #expect(!arc.read([asked], [refused]).isComplete)
        let each = #"{"job":[{"status-code":"403","reason":"Forbidden","id":"a"}]}"#
        #expect(!arc.read([asked], [BatchCommandResult(.exited(0), output: each)]).isComplete)
        #expect(!arc.read([asked], [BatchCommandResult(.exited(0), output: Self.who)]).isComplete)
    }

    @Test func nothingIsNotAskedAbout() {
        #expect(arc.listing([]).isEmpty)
        #expect(arc.read([], []) == BatchListing(jobs: [], gap: nil))
        #expect(arc.collection([]).isEmpty)
        #expect(arc.cancellation([]).isEmpty)
    }

    @Test func halfAnAnswerIsAGap() throws {
        var half = try said("status")
        half.output = String(half.output.prefix(half.output.count - 20))
        #expect(!arc.read([try recorded()], [half]).isComplete)
        #expect(!arc.read([AskedSubmission(tag: "x", elements: [0])], []).isComplete)
    }

    // MARK: files and cancelling

    @Test func logsAndResultsAreFetchedAndThoseThatDoNotComeYetAreNamed() {
        let jobs = (0...2).map {
            CollectedJob(
                key: JobKey("t", $0), id: JobID("\(Self.jobs)j\($0)"), log: "/home/a b/\($0).log", result: "/home/a b/\($0).result")
        }
        #expect(arc.collection([jobs[0]])[0].input == """
            \(Self.jobs)j0/session/0.log\t/home/a b/0.log
            \(Self.jobs)j0/session/0.result\t/home/a b/0.result

            """)
        let output = """
            200 0 /home/a b/0.log
            200 0 /home/a b/0.result
            200 0 /home/a b/1.log
            404 22 /home/a b/1.result
            200 0 /home/a b/2.log
            200 18 /home/a b/2.result

            """
        let result = BatchCommandResult(.exited(0), output: output, errors: "curl: (18) transfer closed\n")
        #expect(arc.missing(jobs, [result]) == [JobKey("t", 2): "curl: (18) transfer closed"])
        #expect(arc.missing(jobs, [BatchCommandResult(.timedOut)]).count == 3)
    }

    @Test func ofARunningJobTheLogIsAskedForWithoutWhoItIs() throws {
        let id = JobID(Self.jobs + "a#0123456789ab")
        #expect(arc.show(JobKey("t", 3), id)?.words.suffix(3) == ["show", "-", Self.jobs + "a/session/3.log"])
        #expect(try arc.shown(BatchCommandResult(.exited(0), output: "branch 3 begins\n")) == "branch 3 begins\n")
        let none = BatchCommandResult(.exited(22), errors: "curl: (22) The requested URL returned error: 404\n")
        #expect(try arc.shown(none) == nil)
        #expect(throws: Unseen("curl: (7) no")) { try arc.shown(BatchCommandResult(.exited(7), errors: "curl: (7) no\n")) }
    }

    @Test func collectedJobsAreRemovedFromTheirElementsAndWhatIsGoneIsNoTrouble() throws {
        let ids = [JobID(Self.jobs + "a#0123456789ab"), JobID("https://ce.example.org/arex/rest/1.0/jobs/b")]
        let commands = arc.disposal(ids)
        #expect(commands.map { $0.words.suffix(2) } == [["clean", "https://ce.example.org/arex"], ["clean", "https://localhost/arex"]])
        #expect(commands.map(\.input) == ["{\"job\":[{\"id\":\"b\"}]}", "{\"job\":[{\"id\":\"a\"}]}"])
        #expect(arc.refusal(ids, [try said("clean")]) == nil)
        #expect(arc.refusal(ids, [try said("clean-again")]) == nil)
    }

    @Test func jobsAreCancelledAtTheirElements() throws {
        let commands = arc.cancellation([JobID(Self.jobs + "a"), JobID("https://ce.example.org/arex/rest/1.0/jobs/b")])
        #expect(commands.map(\.input) == ["{\"job\":[{\"id\":\"b\"}]}", "{\"job\":[{\"id\":\"a\"}]}"])
        #expect(arc.refusal([JobID(Self.jobs + "a")], [try said("kill")]) == nil)
        #expect(arc.refusal([], [BatchCommandResult(.exited(7), errors: "curl: (7) no\n")]) == "curl: (7) no")
    }
}
