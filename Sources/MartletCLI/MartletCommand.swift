import ArgumentParser
import Glibc
import MartletModel

/// The `martlet` executable: what concerns tasks goes to Python, what concerns records is answered here.
public struct MartletCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Steers particle-physics analyses.",
        usage: """
            martlet run SCRIPT [TASK] [--parameter VALUE …] [options]
            martlet status | explain | reports | history | estimate | logs …
            martlet jobs list | logs | cancel | resubmit …
            martlet reproduce REPORT
            martlet graph SCRIPT TASK …
            martlet deps | outputs | remove | fetch | gc SCRIPT TASK …
            martlet doctor SCRIPT …
            martlet completion bash | zsh
            """,
        discussion: """
            martlet run SCRIPT --help       the tasks of a script, the options of a run
            martlet run SCRIPT TASK --help  the parameters of a task
            martlet status SCRIPT TASK      what has changed since the reports of a task and
                                            of all it needs

            Environment:
            MARTLET_PYTHON  the Python to use; else the one beside this program,
                            else that of $VIRTUAL_ENV, else python3 on PATH
            MARTLET_STATE   the directory of reports and logs; else `state` in
                            martlet.toml, else .martlet of the project
            MARTLET_DEBUG   1: say which Python was chosen and why
            """,
        version: "martlet \(Version.current)",
        subcommands: [
            RunCommand.self, StatusCommand.self, ExplainCommand.self, ReportsCommand.self, HistoryCommand.self, EstimateCommand.self,
            LogsCommand.self, JobsCommand.self, DepsCommand.self, OutputsCommand.self, RemoveCommand.self, FetchCommand.self, GarbageCommand.self,
            ReproduceCommand.self, GraphCommand.self, ConfigCommand.self, DoctorCommand.self,
            CompletionCommand.self, CandidatesCommand.self, JobCommand.self,
        ])

    public init() {}

    /// Runs the program with the process's own arguments; never returns.
    public static func start() -> Never {
        Glibc.exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    /// - Returns: the exit code of the process, see `CommandExit`.
    static func run(_ arguments: [String]) -> Int32 {
        do {
            var command = try parseAsRoot(StatusCommand.ofScript(arguments) ?? EstimateCommand.ofScript(arguments) ?? arguments)
            try command.run()
            return CommandExit.ok.rawValue
        } catch let problem as Diagnostic {
            Terminal.complain(problem)
            return CommandExit(problem.code).rawValue
        } catch let end as ExitCode {
            return end.rawValue
        } catch {
            return explain(error)
        }
    }

    /// The parser's own ends: help and version go to standard output, mistakes to standard error.
    private static func explain(_ error: any Error) -> Int32 {
        let text = fullMessage(for: error)
        if exitCode(for: error) == .success {
            Terminal.say(text)
            return CommandExit.ok.rawValue
        }
        Terminal.complain(text)
        return CommandExit.usage.rawValue
    }
}
