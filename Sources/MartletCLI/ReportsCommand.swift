import ArgumentParser

struct ReportsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reports", abstract: "What has been run, with which result.",
        subcommands: [ReportsList.self, ReportsShow.self], defaultSubcommand: ReportsList.self)
}
