import MartletModel
import MartletPorts

/// What every batch system must do; one body for all of them.
/// - Parameters:
///   - directory: an existing directory for logs.
///   - tag: what the tags of this contract's submissions begin with.
///   - queue: where jobs are submitted to, for systems that must be told.
///   - hasQueues: jobs can ask for a queue, and there is none called `no-such-queue`.
///   - now: the monotonic clock.
///   - pause: lets time pass: a moment's sleep for a real system, a step for a fake one.
///   - make: the batch system as a newly started driver would see it; every call sees the same jobs.
public func batchContract<Trouble: Error>(
    directory: String, tag: String = "contract", queue: String? = nil, hasQueues: Bool = false,
    now: @escaping () -> UInt64, pause: @escaping () -> Void,
    make: () throws(Trouble) -> any BatchSystem
) throws(Trouble) -> Findings {
    let first = BatchClient(try make(), now, pause)
    var contract = BatchContract(client: first, directory: directory, tag: tag, queue: queue)
    contract.jobsEndAsTheirCommandsDo()
    contract.oneRunningJobCanBeCancelled()
    contract.unknownTagsAreMissing()
    if hasQueues { contract.whatCannotBeIsRefused() }
    contract.runsOn("later")
    first.system.close()
    let second = BatchClient(try make(), now, pause)
    defer { second.system.close() }
    contract.client = second
    contract.isFound("later")
    contract.whatHasEndedCanBeDiscarded("ends")
    contract.emptyQuestionsAreAnswered()
    return contract.found
}

/// Asks a batch system and waits for the answer.
struct BatchClient {
    let system: any BatchSystem
    private let now: () -> UInt64
    private let pause: () -> Void

    init(_ system: any BatchSystem, _ now: @escaping () -> UInt64, _ pause: @escaping () -> Void) {
        self.system = system
        self.now = now
        self.pause = pause
    }

    /// nil when there is none after looking 20,000 times.
    func answer(_ question: BatchQuestion) -> BatchAnswer? {
        system.ask(question, now: now())
        for _ in 0..<20_000 {
            if let answer = system.answers(now: now()).first { return answer }
            pause()
        }
        return nil
    }

    func wait() { pause() }
}

private struct BatchContract {
    var client: BatchClient
    let directory: String
    let tag: String
    let queue: String?
    var found = Findings()
    /// What was accepted: tag to ids.
    private var submitted: [String: [JobID]] = [:]

    init(client: BatchClient, directory: String, tag: String, queue: String?) {
        self.client = client
        self.directory = directory
        self.tag = tag
        self.queue = queue
    }

    private mutating func submit(_ name: String, _ count: Int, _ command: [String], queue other: String? = nil) -> [Acceptance] {
        var options = JobOptions()
        options.queue = other ?? queue
        let array = JobArray(
            tag: "\(tag)-\(name)", count: count, command: command, directory: directory, folder: directory, options: options)
        guard case .submitted(let told, let answers)? = client.answer(.submit(array)) else {
            found.expect(false, "no answer to the submission of \(name)")
            return []
        }
        found.expect(told == array.tag, "the submission of \(array.tag) is answered as \(told)")
        found.expect(answers.count == count, "\(answers.count) answers to \(count) jobs")
        return answers
    }

    private mutating func accept(_ name: String, _ count: Int, _ command: [String]) -> [JobID] {
        var ids: [JobID] = []
        for answer in submit(name, count, command) {
            if case .accepted(let id) = answer { ids.append(id) } else { found.expect(false, "\(name) is \(answer)") }
        }
        found.expect(Set(ids).count == ids.count, "two jobs have one id")
        submitted["\(tag)-\(name)"] = ids
        return ids
    }

    /// States of the elements of a submission; those that are not in the list are missing.
    private mutating func states(_ name: String) -> [Int: SeenState] {
        let ids = submitted["\(tag)-\(name)"] ?? [], all = Array(ids.indices)
        let asked = AskedSubmission(
            tag: "\(tag)-\(name)", elements: all, ids: Dictionary(uniqueKeysWithValues: zip(all, ids)), queue: queue)
        guard case .listed(let listing)? = client.answer(.list([asked])) else {
            found.expect(false, "no answer to the question about \(name)")
            return [:]
        }
        found.expect(listing.isComplete, "a list has a gap: \(listing.gap ?? "")")
        found.expect(listing.jobs.allSatisfy { $0.key.tag == asked.tag }, "a list has jobs of other tags")
        for job in listing.jobs where job.key.index < ids.count {
            found.expect(job.id == ids[job.key.index], "\(job.key.text) is \(job.id.raw), not \(ids[job.key.index].raw)")
        }
        return Dictionary(listing.jobs.map { ($0.key.index, $0.state) }) { $1 }
    }

    /// Asks until `enough`, 5,000 times at the most.
    @discardableResult
    private mutating func wait(_ name: String, until enough: ([Int: SeenState]) -> Bool) -> [Int: SeenState] {
        var states: [Int: SeenState] = [:]
        for _ in 0..<5_000 {
            states = self.states(name)
            if enough(states) || !found.isEmpty { return states }
            client.wait()
        }
        found.expect(false, "the jobs of \(name) stay \(states)")
        return states
    }

    mutating func jobsEndAsTheirCommandsDo() {
        // the element's index is the last word: $0 of the script
        guard accept("ends", 3, ["sh", "-c", "test $0 != 1"]).count == 3 else { return }
        let states = wait("ends") { seen in (0..<3).allSatisfy { seen[$0]?.hasEnded == true } }
        found.expect(states[0] == .ended(.succeeded) && states[2] == .ended(.succeeded), "jobs that succeed are \(states)")
        found.expect(states[1] == .ended(.exited(1)), "a job that fails is \(String(describing: states[1]))")
        found.expect(self.states("ends") == states, "the end of a job is told only once")
    }

    mutating func oneRunningJobCanBeCancelled() {
        let ids = accept("long", 2, ["sleep", "600"])
        guard ids.count == 2 else { return }
        wait("long") { $0[0] == .running && $0[1] == .running }
        let one = [JobKey("\(tag)-long", 0): ids[0]]
        expectCancelled(one)
        wait("long") { $0[0]?.hasEnded == true }
        let states = self.states("long")
        found.expect(states[0] != .ended(.succeeded), "a cancelled job is said to have succeeded")
        found.expect(states[1] == .running, "cancelling one job touched another")
        expectCancelled([one.keys.first!: ids[0], JobKey("\(tag)-long", 1): ids[1]])
        wait("long") { $0[1]?.hasEnded == true }
    }

    private mutating func expectCancelled(_ jobs: [JobKey: JobID]) {
        guard case .cancelled(_, let refusal)? = client.answer(.cancel(jobs)) else {
            return found.expect(false, "no answer to cancelling")
        }
        found.expect(refusal == nil, "cancel failed: \(refusal ?? "")")
    }

    mutating func unknownTagsAreMissing() {
        submitted["\(tag)-never"] = [JobID("0")]
        found.expect(states("never").isEmpty, "a job that nobody submitted is in a list")
        submitted["\(tag)-never"] = nil
    }

    mutating func whatCannotBeIsRefused() {
        for answer in submit("nowhere", 2, ["true"], queue: "no-such-queue") {
            guard case .refused(let why) = answer else {
                found.expect(false, "a queue that is none is \(answer)")
                continue
            }
            found.expect(!why.isEmpty, "a refusal without a reason")
        }
    }

    mutating func runsOn(_ name: String) {
        if accept(name, 1, ["sleep", "600"]).count == 1 { wait(name) { $0[0] == .running } }
    }

    /// What a driver sees that starts after another one has died.
    mutating func isFound(_ name: String) {
        guard let ids = submitted["\(tag)-\(name)"], ids.count == 1 else { return }
        found.expect(states(name)[0] == .running, "a running job is not running to the next driver")
        found.expect(states("ends")[0] == .ended(.succeeded), "a job that has ended has not to the next driver")
        expectCancelled([JobKey("\(tag)-\(name)", 0): ids[0]])
        wait(name) { $0[0]?.hasEnded == true }
    }

    /// After that the system may know the job or not, and no other is touched.
    mutating func whatHasEndedCanBeDiscarded(_ name: String) {
        guard let ids = submitted["\(tag)-\(name)"], ids.count == 3 else { return }
        let unwanted = [JobKey("\(tag)-\(name)", 0): ids[0]]
        for _ in 0..<2 {  // what is gone already is no error
            guard case .discarded(_, let refusal)? = client.answer(.discard(unwanted)) else {
                return found.expect(false, "no answer to discarding")
            }
            found.expect(refusal == nil, "discard failed: \(refusal ?? "")")
        }
        let states = states(name)
        found.expect([nil, .ended(.succeeded)].contains(states[0]), "a discarded job is \(String(describing: states[0]))")
        found.expect(states[2] == .ended(.succeeded), "discarding one job touched another")
    }

    mutating func emptyQuestionsAreAnswered() {
        found.expect(client.answer(.list([])) == .listed(BatchListing(jobs: [], gap: nil)), "no jobs are not listed")
        found.expect(client.answer(.cancel([:])) == .cancelled([], refusal: nil), "no jobs cannot be cancelled")
        found.expect(client.answer(.collect([])) == .collected([], missing: [:]), "nothing cannot be collected")
        found.expect(client.answer(.show([:])) == .shown([:], missing: [:]), "nothing cannot be shown")
        found.expect(client.answer(.discard([:])) == .discarded([], refusal: nil), "nothing cannot be discarded")
    }
}

extension SeenState {
    fileprivate var hasEnded: Bool {
        if case .ended = self { return true }
        return false
    }
}
