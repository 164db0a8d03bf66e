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

    /// What ends sbatch before it knows whom to ask.
    private static let configuration = ["configuration file", "configuration source"]

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
        } else if let said = SlurmRefusal.ofConfiguration(lines) {
            why = said
        } else if let said = lines.first(where: { line in SlurmRefusal.usage.contains { line.contains($0) } }),
            !result.isSuccess {
            why = said
        } else {
            why = nil
        }
    }

    /// Slurm is not set up on this machine, or wrongly. A configuration that a controller has, who does not answer, may come later.
    private static func ofConfiguration(_ lines: [String]) -> String? {
        guard lines.contains(where: { line in line.contains("fatal:") && configuration.contains { line.contains($0) } }),
            !lines.contains(where: { line in communication.contains { line.contains($0) } })
        else { return nil }
        return lines.filter { $0.contains("error:") || $0.contains("fatal:") }.joined(separator: "; ")
    }
}
