import MartletModel
import MartletSystem

/// A child program or batch job that has ended; how its task did stands in the file that it was told to leave.
struct EndedProgram {
    var task: TaskIndex
    var request: ProgramRequest
    /// How it ended, in words, when it did not end well.
    var trouble: String?

    /// Reads the outcome that it left. - Throws: when there is none.
    func frame() throws -> OutcomeFrame {
        FailPoint.jobsCollect.pass()
        var bytes = try File.read(request.result)
        guard var frame = try OutcomeFrame.readAll(&bytes).first else { throw OutcomeFrame.Malformed.tooShort }
        frame.task = task  // a job that an earlier run submitted knows the task by that run's number
        return frame
    }
}
