import MartletEngine
import MartletModel
import MartletPorts

/// The records of one run and the directory that they lie in: nothing is recorded before they are opened, or after they
/// are closed.
struct RunRecords {
    private(set) var state = ""
    private(set) var head = JSON.null
    private var journal: Journal?
    private var forced = ForcedTasks()
    private var names = ReportNames()
    var standings = ReportStandings()
    private var openIndex: (() -> any ReportIndex)?
    /// Once a task has yielded: opened once a run, and renewed, which costs what has come since.
    private var index: (any ReportIndex)?

    /// - Parameter openIndex: makes an index that knows what is recorded by now.
    mutating func open(
        state: String, head: JSON, _ store: any RecordStore, clock: any Clock, _ openIndex: @escaping () -> any ReportIndex
    ) {
        self.openIndex = openIndex
        self.state = state
        self.head = head
        journal = Journal(store, clock: clock)
    }

    /// Records executions with one write, or as many as can be where that fails.
    /// - Returns: for each why it could not be recorded; nil where it was.
    mutating func record(_ ended: [EndedExecution], _ engine: Engine) -> [Diagnostic?] {
        guard let journal else { return ended.map { _ in nil } }
        for i in ended.indices {
            guard let why = ended[i].lease?.reason else { continue }
            forced.note(ended[i].frame.task, ran: why, fragment: ended[i].frame.fragment)
        }
        var charters: [FamilyIndex: Charter] = [:]
        for case let family? in ended.map(\.lease?.family) where charters[family] == nil {
            charters[family] = standings.charter(family)
        }
        var lines: [[UInt8]] = []
        lines.reserveCapacity(ended.count)
        for i in ended.indices { lines.append(line(ended[i], ended[i].lease.flatMap { charters[$0.family] }, engine, journal)) }
        return journal.record(lines, referringTo: charters.values.flatMap(\.all)).enumerated().map { i, result in
            switch result {
            case .failure(let why): return why
            case .success(let place):
                if ended[i].frame.kind == .done {
                    names.record(ended[i].frame.task, at: place)
                    for task in ended[i].lease?.followers ?? [] { names.record(task, at: place) }
                }
                return nil
            }
        }
    }

    private mutating func line(
        _ one: EndedExecution, _ charter: Charter?, _ engine: Engine, _ journal: Journal
    ) -> [UInt8] {
        let log = one.log.map { Execution.LogSpan(file: relative($0.file), offset: $0.offset, length: $0.length) }
        let why = one.lease?.reason ?? Reason(.none)
        let followers = one.lease?.followers ?? []
        let consumed = followers.isEmpty ? names.consumed(by: one.lease?.inputs ?? [], engine) : nil
        // tasks that ran as one may have needed different ones
        let consumedByEach = followers.isEmpty ? [] : consumedApart(by: [one.frame.task] + followers, engine)
        let asked = asked(by: one.frame)
        return journal.line(
            one.frame, worker: one.worker, log: log, why: why, subject: subject(of: why), attempt: one.lease?.attempt ?? 1
        ) { execution in
            if let charter { execution.facts = charter.facts }
            execution.consumed = consumed?.reports
            if let consumed, case .all = consumed.reports { execution.nameless = consumed.nameless }
            if consumedByEach.contains(where: { $0 != nil }) { execution.consumedByMember = consumedByEach.map { $0?.reports } }
            execution.taken = consumed?.files ?? consumedByEach.flatMap { $0?.files ?? [] }
            execution.asked = asked
        }
    }

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

    /// Forces everything to disk. Safe to call twice.
    mutating func close() -> Diagnostic? {
        defer { journal = nil }
        return journal?.settle()
    }
}
