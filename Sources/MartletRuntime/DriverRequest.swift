import MartletEngine
import MartletModel

extension Driver {
    /// What only the Python side can do. `RunMethods.swift` gives each its number there.
    public enum Request: Equatable, Sendable {
        case runHere(TaskIndex)
        case wantWorkers(Int)
        /// Processes are wanted for tasks that have one of their own.
        case wantProcesses(Int)
        case startChild(TaskIndex)
        case startJob(TaskIndex)
        /// The process that ran the task is gone: its report must be described by the caller, as an outcome frame.
        case lost(TaskIndex)
        /// The same, since it took longer than its time limit.
        case timedOut(TaskIndex)
        /// The calling process is to be set up as `outfit(of:)` says before it runs the task.
        case equipHere(TaskIndex)
        /// Goes on with a task that is suspended in the calling process.
        case resumeHere(TaskIndex)
        /// Drops a task that is suspended in the calling process.
        case forgetHere(TaskIndex)
        /// A command has ended whose end was to be heard: `commandEnd(of:)` says how, an outcome frame is the answer.
        case commandEnded(TaskIndex)
        /// A running task asks for others (`asked(by:)`): they are to be planned, then `suspend` called.
        case asked(TaskIndex)
        /// Tasks are to be claimed: their ids are asked for (`toClaim`), `claim` must follow.
        case claim(Int)
        /// Tasks are to be looked at again (`toLookAt`), `looked` must follow.
        case lookAgain(Int)
        /// What runs needs tasks of which it is not known what their reports are called (`toName`): `name` must follow.
        case name(Int)
        case ended
    }
}
