import MartletPorts

/// Why sbatch did not submit: in the controller's words, or its own before it asked. No reason where something may have
/// been accepted all the same.
struct SlurmRefusal {
    let why: String?

    /// Of what follows "Batch job submission failed:", that which is no answer of the controller's, or not its last.
    private static let communication = [
        "Unable to contact", "timed out", "Zero Bytes", "onnection", "Communication", "Unexpected message", "Transport",
        "message length", "temporarily unavailable", "Unspecified error", "Protocol", "No error",
    ]
    /// What sbatch says of its own words, before it asks anybody.
    private static let usage = ["unrecognized option", "requires an argument", "nvalid", "Unable to open file", "fatal: stdin"]

    init(_ result: BatchCommandResult) {
        if case .notStarted(let cause) = result.end {
            why = "sbatch could not be started: \(cause)"
            return
        }
        guard case .exited = result.end else {
            why = nil
            return
        }
        let lines = result.errors.split(whereSeparator: \.isNewline).map(String.init)
        if let said = lines.last(where: { $0.contains("submission failed:") }) {
            let words = said.split(separator: ":").last.map { String($0.drop { $0 == " " }) } ?? said
            why = SlurmRefusal.communication.contains { said.contains($0) } ? nil : words
        } else if let said = lines.first(where: { line in SlurmRefusal.usage.contains { line.contains($0) } }),
            !result.isSuccess {
            why = said
        } else {
            why = nil
        }
    }
}
