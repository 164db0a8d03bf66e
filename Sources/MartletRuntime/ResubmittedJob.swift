import MartletPorts

/// What became of a job that was to be submitted again.
public struct ResubmittedJob: Equatable, Sendable {
    public enum Fate: Equatable, Sendable {
        /// Other jobs have its tasks, by their names: tag and number, or the tag of pilots.
        case submitted([String])
        /// Only asked: it would be.
        case wanted(JobOptions)
        /// The batch system has not said whether it has them: the next run finds out, and submits what it has not.
        case uncertain([String], why: String)
        /// Its tasks have done their part, or there are none; nothing is to be submitted.
        case complete
        /// Everything is as it was, but for a job that was cancelled.
        case refused(why: String, hint: String)
        /// It is gone, and no other was submitted: the next run does that.
        case unsubmitted(why: String)
    }

    public var key: JobKey
    /// Ids of the tasks that another job has, or was to have.
    public var tasks: [String]
    public var fate: Fate

    package init(_ key: JobKey, tasks: [String] = [], _ fate: Fate) {
        (self.key, self.tasks, self.fate) = (key, tasks, fate)
    }

    /// Something is left to be done, which the fate tells.
    public var isTrouble: Bool {
        switch fate {
        case .submitted, .wanted, .complete: false
        case .uncertain, .refused, .unsubmitted: true
        }
    }
}
