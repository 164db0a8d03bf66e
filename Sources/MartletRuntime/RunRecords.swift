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

    mutating func open(state: String, head: JSON, _ store: any RecordStore, clock: any Clock) {
        self.state = state
        self.head = head
        journal = Journal(store, clock: clock)
    }

    /// Records executions with one write, or as many as can be where that fails.
    /// - Returns: for each why it could not be recorded; nil where it was.
    mutating func record(_ ended: [EndedExecution]) -> [Diagnostic?] {
        guard let journal else { return ended.map { _ in nil } }
        for one in ended { if let why = one.lease?.reason { forced.note(one.frame.task, ran: why, fragment: one.frame.fragment) } }
        return journal.record(ended.map { line($0, journal) })
    }

    private func line(_ one: EndedExecution, _ journal: Journal) -> [UInt8] {
        let log = one.log.map { Execution.LogSpan(file: relative($0.file), offset: $0.offset, length: $0.length) }
        let why = one.lease?.reason ?? Reason(.none)
        return journal.line(
            one.frame, worker: one.worker, log: log, why: why, subject: forced.subject(of: why),
            attempt: one.lease?.attempt ?? 1)
    }

    /// Files of the state directory are recorded relative to it: it may be moved, and lines stay short.
    private func relative(_ path: String) -> String {
        path.hasPrefix(state + "/") ? String(path.dropFirst(state.count + 1)) : path
    }

    /// Records what is to be known of the run beside its executions: members of JSON objects, one a line.
    /// - Returns: what could not be recorded.
    func note(_ lines: [[UInt8]]) -> Diagnostic? { journal?.record(lines).compactMap(\.self).first }

    /// Forces to disk what waits for it, when it has waited long enough.
    func settleWhenDue() -> Diagnostic? { journal?.settleWhenDue() }

    /// Forces everything to disk. Safe to call twice.
    mutating func close() -> Diagnostic? {
        defer { journal = nil }
        return journal?.settle()
    }
}
