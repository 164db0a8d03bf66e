import MartletModel
import MartletPorts
import MartletSystem

/// A job that is begun anew, as systems do whose node went down.
public enum ResumedJob {
    /// Completes its result: it may have been killed between a report and the outcome that follows.
    /// - Parameters:
    ///   - site: see `JobSite`.
    ///   - tasks: the ids of its slice, in order.
    /// - Returns: places of tasks that are found done by that.
    /// - Throws: `.stateUnwritable`.
    public static func complete(
        _ site: JSON, tasks: [String], _ segments: any SegmentFolder
    ) throws(Diagnostic) -> [Int] {
        guard let site = JobSite(site) else { return [] }
        do throws(SystemError) {
            return try JobResults.complete(site, tasks: tasks, segments)
        } catch {
            throw Diagnostic(.stateUnwritable, subject: site.result, cause: error.text)
        }
    }
}
