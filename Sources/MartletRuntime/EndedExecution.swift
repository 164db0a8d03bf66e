import MartletEngine
import MartletModel

/// An execution that ended, and who ran it.
struct EndedExecution {
    var frame: OutcomeFrame
    var worker: WorkerID
    var log: Execution.LogSpan?
    /// What the engine knew of it; nil until it was asked.
    var lease: Lease?
}
