import ArgumentParser
struct StatusCommand: ParsableCommand { static let configuration = CommandConfiguration(commandName: "status") }
struct ReportsCommand: ParsableCommand { static let configuration = CommandConfiguration(commandName: "reports") }
struct LogsCommand: ParsableCommand { static let configuration = CommandConfiguration(commandName: "logs") }
