/// The only place where a `Diagnostic` becomes sentences.
public enum Wording {
    /// - Returns: what happened to what and why, in one line; and the way out, in one line.
    public static func text(_ diagnostic: Diagnostic) -> (line: String, hint: String) {
        let (what, hint) = sentence(diagnostic.code)
        let head = diagnostic.subject.isEmpty ? what : "\(diagnostic.subject): \(what)"
        return (diagnostic.cause.isEmpty ? head : "\(head): \(diagnostic.cause)", hint)
    }

    /// What happened, fit to stand behind the subject, and the way out.
    private static func sentence(_ code: Diagnostic.Code) -> (what: String, hint: String) {
        switch code {
        case .recordUnwritable, .recordUnreadable, .recordDamaged, .recordNewerFormat, .recordMalformed, .noRecords,
            .unknownTask, .ambiguousTask, .noEarlierReport:
            return records(code)
        case .stateUnwritable, .stateUnreadable, .leaseUnavailable, .fileUnreadable, .fileUnwritable, .storageAbsent, .storageDenied,
            .storageTransient, .storageFull, .storageCorrupt, .storageUnsupported:
            return files(code)
        case .spawnFailed, .programFailed, .programKilled, .sandboxUnknown, .sandboxUnavailable, .batchUnknown,
            .pilotsApart, .batchSubmitFailed, .batchQueryFailed, .workerLost, .pythonNotFound, .pythonNotUsable:
            return programs(code)
        }
    }

    private static func records(_ code: Diagnostic.Code) -> (String, String) {
        switch code {
        case .recordUnwritable:
            return (
                "the record could not be written",
                "free space or mend the permissions there, or name another state directory with MARTLET_STATE"
            )
        case .recordUnreadable:
            return ("the record file could not be read", "check its permissions and that its file system is mounted")
        case .recordDamaged:
            return (
                "a damaged line was left out",
                "every other line of the file is used; a task whose record was lost is judged by its outputs"
            )
        case .recordNewerFormat:
            return (
                "the record file was written by a newer Martlet", "install that version, or a later one, to read it"
            )
        case .recordMalformed:
            return (
                "the record does not say what a report must", "it is left out; please report this as a bug of Martlet"
            )
        case .noRecords:
            return (
                "there are no records yet",
                "run a task first, or name the state directory with --state or MARTLET_STATE if it lies elsewhere"
            )
        case .unknownTask:
            return ("no task of that name has been recorded", "`martlet reports` lists the tasks that have")
        case .noEarlierReport:
            return ("it has one report alone", "name the one that it is to be compared with")
        case .ambiguousTask:
            return ("more than one recorded task begins like this", "write more of the task's id")
        default: return unworded(code)
        }
    }

    private static func files(_ code: Diagnostic.Code) -> (String, String) {
        switch code {
        case .stateUnwritable:
            return (
                "the state directory could not be written",
                "mend its permissions, or name another one with MARTLET_STATE"
            )
        case .stateUnreadable:
            return (
                "the state directory could not be read", "check its permissions and that its file system is mounted"
            )
        case .leaseUnavailable:
            return (
                "tasks cannot be claimed there",
                "set leases = \"shared\", or name a state directory on another file system"
            )
        case .fileUnreadable:
            return ("the file could not be read", "check that it exists and that you may read it")
        case .fileUnwritable:
            return ("the file could not be written", "check the space and the permissions of its directory")
        case .storageAbsent:
            return ("there is nothing at that place", "run the task that makes it, or check the path")
        case .storageDenied:
            return ("access was refused", "check the permissions, or renew your credentials")
        case .storageTransient:
            return (
                "the storage could not be reached",
                "try again later; nothing is known about what lies there, so nothing was run because of it"
            )
        case .storageFull:
            return (
                "no space is left", "free some space or raise the quota, then run again: finished tasks stay finished"
            )
        case .storageCorrupt:
            return ("what was read is not what was written", "remove the file and run the task that makes it again")
        case .storageUnsupported:
            return ("this storage cannot do that", "use another storage for this target")
        default: return unworded(code)
        }
    }

    private static func programs(_ code: Diagnostic.Code) -> (String, String) {
        switch code {
        case .spawnFailed:
            return ("the program could not be started", "check that it is installed and on PATH")
        case .programFailed:
            return ("the program ended with an error", "its log says why")
        case .programKilled:
            return ("the program was killed", "its log may say why; memory and time limits are the usual reasons")
        case .sandboxUnknown:
            return ("there is no such kind of sandbox", "the kinds are shell:SCRIPT and venv:DIRECTORY")
        case .sandboxUnavailable:
            return ("the sandbox cannot be used", "check the part of its name behind the colon")
        case .batchUnknown:
            return ("there is no such batch system", "`martlet run --help` lists the batch systems behind --batch")
        case .pilotsApart:
            return (
                "its jobs cannot be pilots: those take their tasks from a folder that they share with the driver, and its jobs see "
                    + "none of this machine's",
                "leave out --pilots (`pilots` in the configuration); where tasks are short let each job run several: --tasks-per-job N"
            )
        case .batchSubmitFailed:
            return ("the job could not be submitted", "mend the cause and run again: no job is submitted twice")
        case .batchQueryFailed:
            return (
                "the batch system could not be asked about its jobs",
                "they go on; run again later to collect their results"
            )
        case .workerLost:
            return (
                "the worker process was lost",
                "its log may say why; a crash in compiled code or lack of memory are usual"
            )
        case .pythonNotFound:
            return ("no Python was found", "activate an environment with Martlet installed, or set MARTLET_PYTHON")
        case .pythonNotUsable:
            return ("that Python cannot be used", "Martlet needs CPython 3.10 or later with its shared library")
        default: return unworded(code)
        }
    }

    /// Never reached, as the tests over all codes show: `sentence` hands every code to the group that words it.
    private static func unworded(_ code: Diagnostic.Code) -> (String, String) { ("\(code.rawValue)", "") }
}
