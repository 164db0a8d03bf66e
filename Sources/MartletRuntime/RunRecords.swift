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

    mutating func open(state: String, head: JSON, _ store: any RecordStore, clock: any Clock) {
        self.state = state
        self.head = head
        journal = Journal(store, clock: clock)
        names.segment = store.segment
    }

    /// Records executions with one write, or as many as can be where that fails.
    /// - Returns: for each why it could not be recorded; nil where it was.
    mutating func record(_ ended: [EndedExecution], _ engine: Engine) -> [Diagnostic?] {
        guard let journal else { return ended.map { _ in nil } }
        for one in ended { if let why = one.lease?.reason { forced.note(one.frame.task, ran: why, fragment: one.frame.fragment) } }
        var charters: [FamilyIndex: Charter] = [:]
        for case let family? in ended.map(\.lease?.family) where charters[family] == nil {
            charters[family] = standings.charter(family)
        }
        var lines: [[UInt8]] = []
        for one in ended { lines.append(line(one, one.lease.flatMap { charters[$0.family] }, engine, journal)) }
        return zip(ended, journal.record(lines, referringTo: charters.values.flatMap(\.all))).map { one, result in
            switch result {
            case .failure(let why): return why
            case .success(let number):
                if one.frame.kind == .done {
                    for task in [one.frame.task] + (one.lease?.followers ?? []) { names.record(task, number: number) }
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
        // tasks that ran as one may have needed different ones: their common record does not tell
        let inputs = one.lease.map { $0.followers.isEmpty ? $0.inputs : [] } ?? []
        let consumed = names.consumed(by: inputs, engine)
        return journal.line(
            one.frame, worker: one.worker, log: log, why: why, subject: subject(of: why), attempt: one.lease?.attempt ?? 1
        ) { execution in
            if let charter { execution.facts = charter.facts }
            execution.consumed = consumed?.reports
            execution.taken = consumed?.files ?? []
        }
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
