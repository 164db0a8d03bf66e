import ArgumentParser
import MartletAssembly
import MartletModel
import MartletRecords
import MartletSystem

struct ReportsVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Whether outputs are what their tasks made: missing, changed, rotten.",
        discussion: "Checksums are computed again where reports have them; else sizes are compared. For outputs in stores "
            + "Python is started. The exit code is 1 when something is not as it was.")

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
        if verification.needsStores { throw try askPython(records) }
        if json { Terminal.say(verification.json) } else { Terminal.say(lines: verification.lines) }
        if verification.outputs.contains(where: \.finding.isTrouble) { throw ExitCode(CommandExit.failed.rawValue) }
    }

    /// Stores are known to Python alone: it asks the same, and ends the program.
    private func askPython(_ records: ReportCatalogue) throws -> ExitCode {
        let question: JSON = [
            "ask": .string("verify"), "pattern": .string(pattern), "directory": .string(directory),
            "checksums": .bool(!sizes),
        ]
        let state = Directory.parent(of: records.directory)
        return ExitCode(
            try PythonHandover.run(["-m", "martlet.records", state, question.text, json ? "--json" : "--lines"]))
    }
}
