import ArgumentParser

/// A command that Python answers: every word behind it goes there as it stands, `--help` included.
protocol PythonCommand: ParsableCommand {
    var words: [String] { get }
}

extension PythonCommand {
    func run() throws {
        let name = Self.configuration.commandName ?? Self._commandName
        let code = try PythonHandover.run(["-m", "martlet", name] + words)
        throw ExitCode(code)
    }
}

struct RunCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a task of a script, with everything it needs.",
        usage: "martlet run SCRIPT [TASK] [--parameter VALUE …] [options]", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "The script, the task and its parameters.")
    var words: [String] = []
}

/// Commands on the tasks of a script and their outputs: Python plans, and knows the stores.
struct DepsCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "deps", abstract: "Print what a task of a script needs, as a tree.",
        usage: "martlet deps SCRIPT TASK [--parameter VALUE …] [--depth N] [--json]", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "The script, the task and its parameters.")
    var words: [String] = []
}

struct OutputsCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "outputs", abstract: "Print what a task and all it needs make, what of it is there, and where.",
        usage: "martlet outputs SCRIPT TASK [--parameter VALUE …] [--depth N] [--json]", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "The script, the task and its parameters.")
    var words: [String] = []
}

struct RemoveCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove outputs of a task and of what it needs, after a question.",
        usage: "martlet remove SCRIPT TASK [--parameter VALUE …] [--depth N] [--mode all|interactive|stale] [--yes]",
        helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "The script, the task and its parameters.")
    var words: [String] = []
}

struct FetchCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Bring outputs of a task and of what it needs to a local folder.",
        usage: "martlet fetch SCRIPT TASK [--parameter VALUE …] --to FOLDER [--depth N]", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "The script, the task and its parameters.")
    var words: [String] = []
}

struct GarbageCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Find files beside outputs that no task owns, and remove them after a question.",
        usage: "martlet gc SCRIPT TASK [--parameter VALUE …] [--below STORE|FOLDER] [--yes]", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "The script, the task and its parameters.")
    var words: [String] = []
}

struct ConfigCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print each setting with its value and where that comes from.", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "Options.")
    var words: [String] = []
}

struct DoctorCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Say what an analysis of luigi or law uses, and what of it works.",
        usage: "martlet doctor SCRIPT|FOLDER|MODULE … [--json]", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "Scripts, folders of packages, modules.")
    var words: [String] = []
}

struct ReproduceCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "reproduce", abstract: "Run a recorded task again, apart, and compare what it makes with what it made.",
        usage: "martlet reproduce REPORT [SCRIPT] [options]", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "A task or the name of a report.")
    var words: [String] = []
}

struct GraphCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draw what a task needs, with states.",
        usage: "martlet graph SCRIPT TASK [--parameter VALUE …] [--format svg|dot|html] [--output FILE]", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "The script, the task and its parameters.")
    var words: [String] = []
}

struct CompletionCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a script that makes bash or zsh complete commands, tasks and parameters.",
        usage: "martlet completion bash|zsh", helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "The shell.")
    var words: [String] = []
}

/// What shells call at each press of the key, with the words of the line.
struct CandidatesCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "candidates", abstract: "What a word of a command line may become.", shouldDisplay: false, helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "The words so far.")
    var words: [String] = []
}

struct JobCommand: PythonCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Run one task in this process, for batch jobs and sandboxes.",
        shouldDisplay: false, helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "The task.")
    var words: [String] = []
}
