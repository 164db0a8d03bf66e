import MartletEngine
import MartletModel

/// A task whose process is gone, or never came to be: what is known of its end.
struct Loss {
    var kind = Outcome.Kind.workerLost
    /// In words; nil where the caller words it.
    var cause: String?
    var worker: WorkerID
    var log: Execution.LogSpan? = nil
}
