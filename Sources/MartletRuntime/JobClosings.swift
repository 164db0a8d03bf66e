import MartletModel
import MartletPorts
import MartletSystem

/// Ends of jobs that the ledger is still to be told.
struct JobClosings {
    private var ends: [String: [LedgerEnd]] = [:]

    mutating func add(_ tag: String, _ end: LedgerEnd) { ends[tag, default: []].append(end) }

    mutating func write(to ledger: any SubmissionLedger, _ notes: inout JobNotes) {
        if ends.isEmpty { return }
        FailPoint.jobsClose.pass()
        for (tag, some) in ends.sorted(by: { $0.key < $1.key }) {
            notes.noting { () throws(Diagnostic) in try ledger.closed(tag: tag, some) }
        }
        ends = [:]
    }
}
