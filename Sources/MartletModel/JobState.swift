/// The state of a job in a batch system, in the five words that all of them share.
public enum JobState: Equatable, Sendable {
    case pending
    case running
    /// Ended with exit status 0.
    case finished
    /// Ended otherwise; `cause` in the batch system's words.
    case failed(cause: String)
    /// The batch system knows nothing of it (any more).
    case lost
}
