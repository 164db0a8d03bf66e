/// Recorded reasons in words.
public enum ReasonWording {
    /// Why a task ran, fit to stand behind "because"; nil for a code that is no such reason.
    /// - Parameter code: the engine's name of the reason.
    public static func whyItRan(_ code: String) -> String? {
        switch code {
        case "outputAbsent": return "an output was not there"
        case "incomplete": return "its complete() said no"
        case "withoutOutputs": return "it has no outputs to look at"
        case "forced": return "it was forced to run again"
        case "gathers": return "something it needs ran"
        case "dependencyForced": return "something it needs ran again"
        case "reportAbsent": return "no report told of it"
        case "reportFailed": return "its report before was of a failure"
        case "outputsRemoved": return "its outputs had been removed"
        case "unreported": return "no report told of its output"
        case "outputGone": return "an output was gone that its report told of"
        case "inputsChanged": return "what it was made from had changed"
        case "codeChanged": return "its code had changed"
        case "environmentChanged": return "its environment had changed"
        case "triedAgain": return "its try before had failed"
        case "asked": return "what it asked for while it ran was complete"
        default: return nil
        }
    }

    /// Why a task did not run, fit to stand behind its state; nil for a code that is no such reason.
    /// - Parameter subject: the title of the task behind it; empty where there is none.
    public static func whyItDidNot(_ code: String, subject: String) -> String? {
        switch code {
        case "externalAbsent": return "it is made elsewhere, and is not there"
        case "planningFailed": return "it could not be planned"
        case "neverFits": return "it needs more of a resource than there is"
        case "cycle": return "it needs itself, directly or through others"
        case "blockedBy": return subject.isEmpty ? "something it needs is not complete" : "needs \(subject)"
        case "beyondUntil": return "it lies beyond --until"
        case "failFast": return subject.isEmpty ? "not started after a failure" : "not started after \(subject) failed"
        case "interrupted": return "not started: the run was interrupted"
        case "unrecordable": return "not started: records could no longer be written"
        case "branchesFailed": return "not started: too many branches of its workflow have failed"
        case "failedAlike": return "not started: too many jobs have failed alike\(subject.isEmpty ? "" : ", the last that of \(subject)")"
        case "poisoned": return "not started: its family kills the processes that run it"
        default: return nil
        }
    }
}
