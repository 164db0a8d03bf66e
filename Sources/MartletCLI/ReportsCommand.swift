import ArgumentParser

struct ReportsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reports", abstract: "What has been run, with which result.",
        subcommands: [ReportsList.self, ReportsShow.self, ReportsDiff.self, ReportsVerify.self, ReportsCompact.self],
        defaultSubcommand: ReportsList.self)
}
