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
    private let reasonNames: [String]

    init(_ store: any RecordStore, clock: any Clock) {
        self.store = store
        self.clock = clock
        reasonNames = Reason.Code.allCases.map { "\($0)" }
    }

    /// The record of one execution. - Parameter subject: the id of the task that the reason is about; empty for none.
    func line(
        _ frame: OutcomeFrame, worker: WorkerID, log: Execution.LogSpan?, why: Reason, subject: String = "", attempt: Int
    ) -> [UInt8] {
        let cause = frame.kind == .done ? "" : String(frame.text.prefix { $0 != "\n" })
        let execution = Execution(
            outcome: frame.kind == .done ? .done : .failed, cause: cause, start: frame.start, wall: frame.wall,
            cpu: frame.cpu, memory: Int64(clamping: frame.peak), worker: Int(worker.raw),
            attempt: attempt, log: log,
            reason: Execution.Reason(code: reasonNames[Int(why.code.rawValue)], task: subject))
        var line: [UInt8] = []
        execution.encode(into: &line, fragment: frame.fragment)
        return line
    }

    /// Records them with one write, or as many as can be where that fails.
    /// - Returns: for each why it could not be recorded; nil where it was.
    func record(_ lines: [[UInt8]]) -> [Diagnostic?] {
        if append(lines) == nil { return [Diagnostic?](repeating: nil, count: lines.count) }
        return lines.map { append([$0]) }
    }

    private func append(_ lines: [[UInt8]]) -> Diagnostic? {
        do throws(Diagnostic) {
            _ = try store.append(lines: lines)
            isDirty = true
            return nil
        } catch {
            return error
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
