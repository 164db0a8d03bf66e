import MartletEngine
import MartletModel

/// An execution that ended, and who ran it.
struct EndedExecution {
    var frame: OutcomeFrame
    var worker: WorkerID
    var log: Execution.LogSpan?
    /// What the engine knew of it; nil until it was asked.
    var lease: Lease?
    /// Where its job has recorded it; nil where this process does.
    var recorded: ReportPlace?
}
