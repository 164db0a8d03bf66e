import MartletEngine
import MartletModel
import MartletPorts

/// How the tasks of a job ended that is over, and where it has reported them.
final class JobReports {
    private let result: JobResult
    private let segments: any SegmentFolder
    /// Segments that came with the result and could not be kept: what they tell is to be reported here.
    private var lost: Set<String> = []
    /// What the segment that the job began last tells of tasks, by id: read once, and only where an outcome lacks.
    private lazy var reported = Dictionary(
        segments.executions(in: result.segment).map { ($0.task, (number: $0.number, execution: $0.execution)) },
        uniquingKeysWith: { $1 })

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

    /// nil where the task has left no word.
    /// - Parameter place: nil where its job has not reported it.
    func outcome(at position: Int, of task: String) -> (frame: OutcomeFrame, place: ReportPlace?)? {
        written(at: position) ?? (result.segment.isEmpty ? nil : report(of: task))
    }

    /// The same, of a job that is not over: what its result says.
    func written(at position: Int) -> (frame: OutcomeFrame, place: ReportPlace?)? {
        result.outcomes[position].map { ($0, result.places[position].flatMap { lost.contains($0.segment) ? nil : $0 }) }
    }

    /// A job that is killed between a report and the outcome that follows it has left the report.
    private func report(of task: String) -> (frame: OutcomeFrame, place: ReportPlace?)? {
        guard let last = reported[task] else { return nil }
        let execution = last.execution
        var frame = OutcomeFrame(
            task: TaskIndex(0), kind: execution.outcome == .done ? .done : .raised, start: execution.start, wall: execution.wall,
            cpu: execution.cpu ?? 0, peak: UInt64(clamping: execution.memory ?? 0), text: execution.cause, fragment: [])
        frame.logOffset = UInt64(clamping: execution.log?.offset ?? 0)
        frame.logLength = UInt64(clamping: execution.log?.length ?? 0)
        return (frame, ReportPlace(segment: result.segment, number: last.number))
    }
}
