import MartletEngine
import MartletModel
import MartletPorts

/// The records of one run and the directory that they lie in: nothing is recorded before they are opened, or after they
/// are closed.
struct RunRecords {
    private(set) var state = ""
    private(set) var head = JSON.null
    private var journal: Journal?
    /// In a job, once this run's records are closed: those of the next slice may go on with it.
    private var closed: Journal?
    private var forced = ForcedTasks()
    private var names = ReportNames()
    var standings = ReportStandings()
    /// In a job: what its tasks' reports say that only the run knows which had it submitted.
    private var origins: [TaskIndex: JobOrigin] = [:]
    private var openIndex: (() -> any ReportIndex)?
    /// Once a task has yielded: opened once a run, and renewed, which costs what has come since.
    private var index: (any ReportIndex)?

    /// - Parameters:
    ///   - journal: may be that of a run before this one.
    ///   - openIndex: makes an index that knows what is recorded by now.
    mutating func open(state: String, head: JSON, _ journal: Journal, _ openIndex: @escaping () -> any ReportIndex) {
        self.openIndex = openIndex
        self.state = state
        self.head = head
        self.journal = journal
    }

    /// The journal of a run whose records are closed, if what is recorded there is later than a moment; once.
    mutating func takeClosed(after moment: Int64?) -> Journal? {
        defer { closed = nil }
        guard let now = closed?.moment, now > moment ?? .min else { return nil }
        return closed
    }

    /// The place of the last record in the segment where the next one goes.
    var end: ReportPlace { journal?.end ?? ReportPlace(segment: "", number: 0) }

    /// Which no record of this run has passed yet.
    var moment: Int64 { journal?.moment ?? .min }

    /// Records executions with one write, or as many as can be where that fails. Those that their jobs have recorded are
    /// known by that record from here on.
    /// - Returns: for each where its record is, nil where nothing is recorded, or why it could not be.
    mutating func record(_ ended: [EndedExecution], _ engine: Engine) -> [Result<ReportPlace?, Diagnostic>] {
        guard let journal else { return ended.map { .success($0.recorded) } }
        var lines: [[UInt8]] = []
        lines.reserveCapacity(ended.count)
        var charters: [FamilyIndex: Charter] = [:]
        for one in ended {
            if let why = one.lease?.reason { forced.note(one.frame.task, ran: why, fragment: one.frame.fragment) }
            if one.recorded != nil { continue }
            if let family = one.lease?.family, charters[family] == nil { charters[family] = standings.charter(family) }
            lines.append(line(one, one.lease.flatMap { charters[$0.family] }, engine, journal))
        }
        var written = journal.record(lines, referringTo: charters.values.flatMap(\.all))[...]
        return ended.map { one in
            if let place = one.recorded {
                if one.frame.kind == .done { nameAll(one) { $0.record($1, elsewhere: place.name) } }
                return .success(place)
            }
            let result = written.removeFirst()
            if case .success(let place) = result, one.frame.kind == .done { nameAll(one) { $0.record($1, at: place) } }
            return result.map { $0 }
        }
    }

    private mutating func nameAll(_ one: EndedExecution, _ record: (inout ReportNames, TaskIndex) -> Void) {
        record(&names, one.frame.task)
        for task in one.lease?.followers ?? [] { record(&names, task) }
    }

    private mutating func line(
        _ one: EndedExecution, _ charter: Charter?, _ engine: Engine, _ journal: Journal
    ) -> [UInt8] {
        let log = one.log.map { Execution.LogSpan(file: relative($0.file), offset: $0.offset, length: $0.length) }
        var frame = one.frame
        let asked = asked(by: frame), origin = origins[frame.task]
        if let origin { frame.fragment += origin.inputs }
        return journal.line(frame, worker: one.worker, log: log) { execution in
            if let origin {
                origin.add(to: &execution, charter)
            } else {
                addOrigin(to: &execution, of: frame.task, one.lease, charter, engine, journal)
            }
            execution.asked = asked
        }
    }

    private mutating func addOrigin(
        to execution: inout Execution, of task: TaskIndex, _ lease: Lease?, _ charter: Charter?, _ engine: Engine,
        _ journal: Journal
    ) {
        let why = lease?.reason ?? Reason(.none)
        let followers = lease?.followers ?? []
        execution.reason = journal.reason(why, subject: subject(of: why))
        execution.attempt = lease?.attempt ?? 1
        if let charter { execution.facts = charter.facts }
        if followers.isEmpty {
            guard let consumed = names.consumed(by: lease?.inputs ?? [], engine) else { return }
            execution.consumed = consumed.reports
            if case .all = consumed.reports { execution.nameless = consumed.nameless }
            execution.taken = consumed.files
        } else {
            // tasks that ran as one may have needed different ones
            let consumed = consumedApart(by: [task] + followers, engine)
            if consumed.contains(where: { $0 != nil }) { execution.consumedByMember = consumed.map { $0?.reports } }
            execution.taken = consumed.flatMap { $0?.files ?? [] }
        }
    }

    // MARK: what runs as a job

    /// What only this run knows of an execution that a job is to report: the members of a JSON object, and the facts of code
    /// and environment, which are told apart since many tasks have them in common.
    mutating func origin(of task: TaskIndex, _ engine: Engine) -> (members: [UInt8], facts: [Fact]) {
        guard let journal, let lease = engine.leases(on: [task]).first else { return ([], []) }
        let charter = standings.charter(lease.family)
        var execution = Execution(outcome: .done, start: 0, wall: 0)
        addOrigin(to: &execution, of: task, lease, charter, engine, journal)
        execution.facts.sandbox = ""  // it is looked at where it is
        return (execution.origin, charter.map { [$0.code, $0.environment] } ?? [])
    }

    /// In a job: what the run that had it submitted knows of a task.
    mutating func know(_ origin: JobOrigin, of task: TaskIndex) { origins[task] = origin }

    private mutating func consumedApart(by tasks: [TaskIndex], _ engine: Engine) -> [ReportNames.Consumed?] {
        tasks.map { names.consumed(by: engine.plannedDependencies(of: $0), engine) }
    }

    private static let askedMember = Array(",\"asked\":[".utf8)

    /// Tasks that an execution asked for while it ran, as its fragment names them, with what their reports are called.
    private mutating func asked(by frame: OutcomeFrame) -> [Execution.Asked] {
        guard let openIndex, RunRecords.tellsOfAsked(frame.fragment) else { return [] }
        let fragment = [UInt8(ascii: "{")] + frame.fragment + [UInt8(ascii: "}")]
        // worker and driver are of one build: what cannot be read is no list, and the report says no more than it knows
        let tasks = ((try? JSON.parse(fragment))?["asked"]?.array ?? []).compactMap(\.string)
        let index = self.index ?? openIndex()
        self.index = index
        return zip(tasks, standings.names(of: tasks, renewing: index)).map { Execution.Asked(task: $0, report: $1) }
    }

    private static func tellsOfAsked(_ fragment: [UInt8]) -> Bool {
        guard fragment.last == UInt8(ascii: "]") else { return false }
        // it is the last member: no other bracket opens behind it
        guard let opening = fragment.lastIndex(of: UInt8(ascii: "[")), opening >= askedMember.count - 1 else { return false }
        return fragment[(opening + 1 - askedMember.count)...opening].elementsEqual(askedMember)
    }

    private func subject(of why: Reason) -> String {
        let forced = forced.subject(of: why)
        return forced.isEmpty ? why.subject.map { standings.id(of: $0) } ?? "" : forced
    }

    // MARK: earlier reports

    /// Tasks among what these need of which it is not known what their reports are called.
    mutating func unnamed(_ inputs: [TaskIndex], _ engine: Engine) -> [TaskIndex] {
        inputs.isEmpty ? [] : names.unknown(among: inputs, engine)
    }

    /// Looks up what reports say of tasks. See `ReportStandings.look`.
    mutating func look(
        up tasks: [TaskIndex], _ ids: [String], families: [FamilyIndex]? = nil, anew: Bool = false,
        _ open: () -> any ReportIndex
    ) throws(Diagnostic) -> [TaskIndex: Standing] {
        let found = try standings.look(up: tasks, ids, families: families, anew: anew, open)
        for (task, standing) in found { names.know(task, standing.name) }
        return found
    }

    /// Takes files of a task in place of a report.
    mutating func take(_ files: [RecordedOutput], of task: TaskIndex) -> Standing {
        Standing(.none, name: names.know(task, files: files))
    }

    /// Files of the state directory are recorded relative to it: it may be moved, and lines stay short.
    private func relative(_ path: String) -> String {
        path.hasPrefix(state + "/") ? String(path.dropFirst(state.count + 1)) : path
    }

    /// Records what is to be known of the run beside its executions: members of JSON objects, one a line.
    /// - Returns: what could not be recorded.
    func note(_ lines: [[UInt8]]) -> Diagnostic? {
        for case .failure(let why) in journal?.record(lines) ?? [] { return why }
        return nil
    }

    /// Forces to disk what waits for it, when it has waited long enough.
    func settleWhenDue() -> Diagnostic? { journal?.settleWhenDue() }

    /// Forces everything to disk. - Returns: why that could not be done.
    func settle() -> Diagnostic? { journal?.settle() }

    /// The same at the end of the run. Safe to call twice.
    /// - Parameter keepsOpen: another run may go on with them (`takeClosed`); else no file stays open.
    mutating func close(keepsOpen: Bool) -> Diagnostic? {
        defer { (closed, journal) = (keepsOpen ? journal ?? closed : nil, nil) }
        return journal?.settle()
    }
}
