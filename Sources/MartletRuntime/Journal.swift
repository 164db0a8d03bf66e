import MartletEngine
import MartletModel
import MartletPorts

/// Turns outcomes into records, one line each, and forces them to disk in groups.
final class Journal {
    /// Records are forced to disk at most this often, in nanoseconds.
    private static let interval: UInt64 = 500_000_000

    private let store: any RecordStore
    private let clock: any Clock
    private var nextSettling: UInt64 = 0
    private var isDirty = false
    private var last: ReportPlace?
    private var latest = Int64.min
    private let reasonNames: [String]
    /// Digests of the facts that are in the store.
    private var facts: Set<String> = []

    init(_ store: any RecordStore, clock: any Clock) {
        self.store = store
        self.clock = clock
        reasonNames = Reason.Code.allCases.map { "\($0)" }
    }

    /// Where the next record goes.
    var segment: String { store.segment }
    /// The place of the last record there; number 0 where there is none.
    var end: ReportPlace { last?.segment == segment ? last! : ReportPlace(segment: segment, number: 0) }
    /// See `RecordStore.moment`: of now, or the latest that it was when this was asked, should the clock have jumped back since.
    var moment: Int64? {
        guard let now = store.moment(at: clock.wall()) else { return nil }
        latest = max(latest, now)
        return latest
    }

    /// The record of one execution.
    /// - Parameters:
    ///   - origin: adds why it ran, and what it was made from.
    func line(
        _ frame: OutcomeFrame, worker: WorkerID, log: Execution.LogSpan?, origin: (inout Execution) -> Void
    ) -> [UInt8] {
        let cause = frame.kind == .done ? "" : String(frame.text.prefix { $0 != "\n" })
        var execution = Execution(
            outcome: frame.kind == .done ? .done : .failed, cause: cause, start: frame.start, wall: frame.wall,
            cpu: frame.cpu, memory: Int64(clamping: frame.peak), worker: Int(worker.raw), log: log)
        origin(&execution)
        var line: [UInt8] = []
        execution.encode(into: &line, fragment: frame.fragment)
        return line
    }

    /// - Parameter subject: the id of the task that it is about; empty for none.
    func reason(_ why: Reason, subject: String) -> Execution.Reason {
        Execution.Reason(code: reasonNames[Int(why.code.rawValue)], task: subject)
    }

    /// Records them with one write, or as many as can be where that fails. Passwords and tokens of URLs are left out.
    /// - Parameter told: facts that the lines refer to: what is not in the store yet goes in front of them.
    /// - Returns: for each where it is, or why it could not be recorded.
    func record(_ lines: [[UInt8]], referringTo told: [Fact] = []) -> [Result<ReportPlace, Diagnostic>] {
        if lines.isEmpty { return [] }
        let lines = lines.map { Secrets.hidden(in: $0) ?? $0 }
        var fresh: [Fact] = []
        for fact in told where !facts.contains(fact.digest) && !fresh.contains(fact) { fresh.append(fact) }
        if case .success(let last) = append(fresh.map(\.line) + lines) {
            facts.formUnion(fresh.map(\.digest))
            let first = last.number + 1 - UInt64(lines.count)
            return lines.indices.map { .success(ReportPlace(segment: last.segment, number: first + UInt64($0))) }
        }
        for fact in fresh { if case .success = append([fact.line]) { facts.insert(fact.digest) } }
        return lines.map { append([$0]) }
    }

    /// - Returns: where the last of them is.
    private func append(_ lines: [[UInt8]]) -> Result<ReportPlace, Diagnostic> {
        do throws(Diagnostic) {
            let last = try store.append(lines: lines)
            isDirty = true
            let place = ReportPlace(segment: store.segment, number: last)
            self.last = place
            return .success(place)
        } catch {
            return .failure(error)
        }
    }

    /// Forces to disk what waits for it, when it has waited long enough.
    func settleWhenDue() -> Diagnostic? {
        guard isDirty, clock.monotonic() >= nextSettling else { return nil }
        return settle()
    }

    func settle() -> Diagnostic? {
        guard isDirty else { return nil }
        nextSettling = clock.monotonic() + Journal.interval
        isDirty = false
        do throws(Diagnostic) {
            try store.settle()
            return nil
        } catch {
            return error
        }
    }
}
