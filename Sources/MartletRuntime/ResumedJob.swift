import MartletModel
import MartletPorts
import MartletSystem

/// What a job finds that is begun anew, as systems do whose node went down.
public struct ResumedJob: Sendable {
    /// Places of tasks that it had reported done and not left behind.
    public let done: [Int]
    /// The latest moment of what it had reported; nil where that was nothing.
    public let latest: Int64?

    /// Completes the job's result: it may have been killed between a report and the outcome that follows.
    /// - Parameters:
    ///   - site: see `JobSite`.
    ///   - tasks: the ids of its slice, in order.
    /// - Throws: `.stateUnwritable`.
    public init(_ site: JSON, tasks: [String], _ segments: any SegmentFolder) throws(Diagnostic) {
        guard let site = JobSite(site) else {
            (done, latest) = ([], nil)
            return
        }
        do throws(SystemError) {
            (done, latest) = try JobResults.complete(site, tasks: tasks, segments)
        } catch {
            throw Diagnostic(.stateUnwritable, subject: site.result, cause: error.text)
        }
    }

    /// `{"done": [places], "latest": moment or null}`.
    public var json: JSON { ["done": .array(done.map { JSON($0) }), "latest": latest.map(JSON.integer) ?? .null] }
}
