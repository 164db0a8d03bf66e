import MartletModel

/// Exit codes of the executable: those of `martlet.running.result.ExitCode` that it can end with itself.
enum CommandExit: Int32 {
    case ok = 0
    /// What was looked at is not as it should be.
    case failed = 1
    /// The command line, the configuration or the choice of a Python is wrong.
    case usage = 2
    /// Martlet itself failed, or its records cannot be read.
    case `internal` = 5

    /// What a command that could not do its work ends with.
    init(_ code: Diagnostic.Code) {
        switch code {
        case .noRecords, .unknownTask, .ambiguousTask, .noEarlierReport, .pythonNotFound, .pythonNotUsable: self = .usage
        default: self = .internal
        }
    }
}
