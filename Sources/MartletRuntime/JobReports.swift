import MartletEngine
import MartletModel
import MartletPorts

/// How the tasks of a job ended that is over, and where it has reported them.
final class JobReports {
    private let result: JobResult
    private let segments: any SegmentFolder
    /// Segments that came with the result and could not be kept: what they tell is to be reported here.
    private var lost: Set<String> = []
    /// What the job's segments tell of tasks, by id: read once, and only where an outcome lacks.
    private lazy var reported: [String: (place: ReportPlace, told: RecordedExecution)] = {
        var found: [String: (place: ReportPlace, told: RecordedExecution)] = [:]
        for last in result.segments {
            // what stands before is of other slices: an earlier try of the same task may be among them
            for one in segments.executions(in: last.segment) where one.number > last.number {
                found[one.task] = (ReportPlace(segment: last.segment, number: one.number), one)
            }
        }
        hasRead = true
        return found
    }()
    private var hasRead = false

    /// Keeps the segments that came with the result.
    init(of result: JobResult, in segments: any SegmentFolder, _ notes: inout JobNotes) {
        self.result = result
        self.segments = segments
        for part in result.carried {
            do throws(Diagnostic) {
                try segments.place(part.segment, part.bytes)
            } catch {
                lost.insert(part.segment)
                notes.add("reports of a job cannot be kept as they came: \(error.cause)")
            }
        }
    }

    /// The latest moment of what the job has reported, as far as that is known without reading its segments for it.
    var latest: Int64? { [result.latest, hasRead ? latestInSegments : nil].compactMap(\.self).max() }

    /// The latest moment of what its segments tell.
    var latestInSegments: Int64? { reported.values.map(\.told.moment).max() }

    /// nil where the task has left no word, or its process was lost and the end of the job says more of why, or may say so.
    /// - Parameter end: of the job; nil while it is at work: then only what its result says counts.
    /// - Returns: its place is nil where its job has not reported it.
    func outcome(at position: Int, of task: String, _ end: JobEnd?) -> (frame: OutcomeFrame, place: ReportPlace?)? {
        guard let frame = result.outcomes[position] else { return end == nil ? nil : report(of: task) }
        if frame.kind == .workerLost {
            guard let end, !end.explains(frame, isAtEnd: result.lostAtEnd.contains(position)) else { return nil }
        }
        return (frame, result.places[position].flatMap { lost.contains($0.segment) ? nil : $0 })
    }

    /// Whether the job has come to any of these.
    func haveBegun(any positions: [Int]) -> Bool { positions.contains { result.begun.contains($0) || result.outcomes[$0] != nil } }

    /// Which of those without an outcome are to blame for the end of their job: those that were at work. The others had not
    /// begun, or had a better reason to end than they know.
    /// - Parameter positions: of those without an outcome, in order.
    func blamed(of positions: [Int]) -> Set<Int> {
        let atWork = positions.filter { result.begun.contains($0) || result.outcomes[$0] != nil }
        // without any the job ended between two tasks, or before its first: then that one counts as tried
        return Set(atWork.isEmpty && result.begun.isEmpty ? Array(positions.prefix(1)) : atWork)
    }

    /// A job that is killed between a report and the outcome that follows it has left the report.
    func report(of task: String) -> (frame: OutcomeFrame, place: ReportPlace?)? {
        guard let last = reported[task] else { return nil }
        let execution = last.told.execution
        var frame = OutcomeFrame(
            task: TaskIndex(0), kind: execution.outcome == .done ? .done : .raised, start: execution.start, wall: execution.wall,
            cpu: execution.cpu ?? 0, peak: UInt64(clamping: execution.memory ?? 0), text: execution.cause, fragment: [])
        frame.logOffset = UInt64(clamping: execution.log?.offset ?? 0)
        frame.logLength = UInt64(clamping: execution.log?.length ?? 0)
        return (frame, last.place)
    }
}
