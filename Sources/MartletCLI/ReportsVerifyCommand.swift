import ArgumentParser
import MartletAssembly
import MartletModel
import MartletRecords

struct ReportsVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Whether outputs are what their tasks made: missing, changed, rotten.",
        discussion: "Checksums are computed again where reports have them; else sizes are compared. Outputs in stores are "
            + "looked at by martlet.records.verify(), from Python. The exit code is 1 when something is not as it was.")

    @Argument(help: "Only tasks whose id, family or title fits this shell pattern, e.g. 'Selection*'.")
    var pattern: String = "*"
    @Flag(name: .long, help: "Compare sizes alone, read no contents.")
    var sizes = false
    @Option(
        name: .long, help: ArgumentHelp("What relative paths are relative to; the current one.", valueName: "folder"))
    var directory = "."
    @Flag(name: .long, help: "Print JSON.")
    var json = false
    @OptionGroup var place: StateOption

    func run() throws {
        let records = try place.catalogue().records
        let verification = try Verification(
            records, Assembly.localStores, fitting: pattern, folder: directory, checksums: !sizes)
        if json { Terminal.say(verification.json) } else { Terminal.say(lines: ReportsVerify.lines(verification)) }
        if verification.outputs.contains(where: \.finding.isTrouble) { throw ExitCode(CommandExit.failed.rawValue) }
    }

    static func lines(_ verification: Verification) -> [String] {
        if verification.outputs.isEmpty { return ["no output is recorded"] }
        var lines = verification.counts.map { "\($0.outputs) \(words($0.finding, $0.outputs))" }
        let troubles = verification.outputs.filter(\.finding.isTrouble)
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
