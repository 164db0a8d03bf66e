/// An error as data: what happened to what, why, and the way out. Sentences are made in `Wording` alone.
public struct Diagnostic: Error, Equatable, Sendable {
    public let code: Code
    /// What it happened to: a task, a file, a worker, a command.
    public let subject: String
    /// Why, in the words of whoever refused (an errno text, an exit status, …); may be empty.
    public let cause: String

    public init(_ code: Code, subject: String, cause: String = "") {
        self.code = code
        self.subject = subject
        self.cause = cause
    }

    /// Every kind of error that the Swift side can report. `Wording` has a sentence and a hint for each.
    public enum Code: String, CaseIterable, Sendable {
        case recordUnwritable, recordUnreadable, recordDamaged, recordNewerFormat, recordMalformed
        case stateUnwritable, stateUnreadable
        case leaseUnavailable
        case fileUnreadable, fileUnwritable
        case storageAbsent, storageDenied, storageTransient, storageFull, storageCorrupt, storageUnsupported
        case spawnFailed, programFailed, programKilled
        case sandboxUnknown, sandboxUnavailable
        case batchUnknown, pilotsApart, batchSubmitFailed, batchQueryFailed
        case workerLost
        case pythonNotFound, pythonNotUsable
        case noRecords, unknownTask, ambiguousTask, noEarlierReport
    }
}
