import MartletModel

/// A child program or batch job that has ended; how its task did stands in the file that it was told to leave.
struct EndedProgram {
    var task: TaskIndex
    var request: ProgramRequest
    /// How it ended, in words, when it did not end well.
    var trouble: String?
}
