extension Verification {
    /// For readers: counts, then each output that is not what it should be.
    public var lines: [String] {
        if outputs.isEmpty { return ["no output is recorded"] }
        var lines = counts.map { "\($0.outputs) \(Verification.words($0.finding, $0.outputs))" }
        let troubles = outputs.filter(\.finding.isTrouble)
        if !troubles.isEmpty { lines.append("") }
        for output in troubles {
            lines.append("\(output.finding.rawValue): \(output.path)\(output.cause.isEmpty ? "" : ": \(output.cause)")")
            lines.append("  \(output.execution.title), report \(output.execution.name)")
        }
        return lines
    }

    private static func words(_ finding: Verification.Finding, _ count: Int) -> String {
        let outputs = count == 1 ? "output" : "outputs"
        switch finding {
        case .intact: return "\(outputs) with the recorded checksum"
        case .plausible: return "\(outputs) with the recorded size; no checksum to compare"
        case .missing: return "\(outputs) missing"
        case .changed: return "\(outputs) written since"
        case .rotten: return "\(outputs) damaged where they lie"
        case .unreachable: return "\(outputs) that could not be looked at"
        }
    }
}
