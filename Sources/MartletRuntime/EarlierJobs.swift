import MartletModel
import MartletPorts

/// Where the ledger has tasks of earlier drivers' jobs. Tasks that are not closed there are theirs still.
struct EarlierJobs {
    /// A task's place in a submission.
    struct Place {
        var submission: OpenSubmission
        var element: Int
        var position: Int
    }

    /// Tags of this process.
    private(set) var own: Set<String> = []
    /// By task id.
    private var open: [String: Place] = [:]
    /// The ledger must be read before anything is submitted.
    private(set) var isOutdated = true

    mutating func add(own tag: String) { own.insert(tag) }

    /// Another run held a task since the ledger was read: it may have submitted a job for it.
    mutating func outdate() { isOutdated = true }

    /// - Returns: what the ledger has lost.
    mutating func read(_ ledger: any SubmissionLedger, system: String) throws(Diagnostic) -> [Diagnostic] {
        guard isOutdated else { return [] }
        open = [:]
        for submission in try ledger.open() where submission.entry.system == system && !own.contains(submission.entry.tag) {
            for (element, positions) in submission.open {
                for position in positions {
                    open[submission.entry.elements[element][position]] = Place(
                        submission: submission, element: element, position: position)
                }
            }
        }
        isOutdated = false
        return ledger.damage
    }

    /// Each place is given away once.
    mutating func take(_ task: String) -> Place? { open.removeValue(forKey: task) }
}
