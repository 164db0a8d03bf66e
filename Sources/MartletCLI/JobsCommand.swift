import ArgumentParser
import MartletAssembly
import MartletModel
import MartletPorts
import MartletSystem

struct JobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Jobs in batch systems that no run has collected yet.",
        discussion: "A job is named by its tag and number, as in martlet-0123456789abcdef.7, by its tag alone (all of that "
            + "submission), or by the beginning of the id of a task that it runs.",
        subcommands: [JobsListCommand.self, JobsLogsCommand.self, JobsCancelCommand.self, JobsResubmitCommand.self],
        defaultSubcommand: JobsListCommand.self)

    /// Open jobs of the state directory; what could not be found out is told of on standard error.
    static func open(_ place: StateOption) throws -> OpenJobs {
        let open = try OpenJobs(of: try StateDirectory.locate(option: place.state))
        for gap in open.gaps { Terminal.complain("martlet: \(gap)") }
        return open
    }

    /// Whether it is the job, one of the submission, or one that runs such a task.
    static func isCalled(_ job: OpenJobs.Job, _ name: String) -> Bool {
        job.key.text == name || job.key.tag == name || job.tasks.contains { $0.hasPrefix(name) }
    }

    /// Jobs that are named; all of them if none is.
    /// - Throws: `.unknownTask` for a name that is nobody's.
    static func chosen(_ names: [String], of open: OpenJobs) throws(Diagnostic) -> [OpenJobs.Job] {
        if names.isEmpty { return open.jobs }
        var chosen: [OpenJobs.Job] = []
        for name in names {
            let found = open.jobs.filter { isCalled($0, name) }
            if found.isEmpty { throw Diagnostic(.unknownTask, subject: name, cause: "no open job has this name, nor runs such a task") }
            chosen += found.filter { job in !chosen.contains { $0.key == job.key } }
        }
        return chosen
    }
}

struct JobsListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Open jobs, and how they are.")

    @Argument(help: "Jobs or tasks; none: all.") var names: [String] = []
    @Flag(name: .long, help: "Print JSON.") var json = false
    @OptionGroup var place: StateOption

    func run() throws {
        let open = try JobsCommand.open(place), jobs = try JobsCommand.chosen(names, of: open)
        let unclaimed = names.isEmpty ? open.unclaimed : []
        if json { return Terminal.say(.array(jobs.map(JobsListCommand.json) + unclaimed.map(JobsListCommand.json))) }
        Terminal.say(lines: JobsListCommand.lines(jobs))
        Terminal.say(lines: unclaimed.map(JobsListCommand.line))
    }

    static func lines(_ jobs: [OpenJobs.Job]) -> [String] {
        if jobs.isEmpty { return ["there are no open jobs"] }
        var table = Table(["job", "system", "id", "state", "alive", "node", "tasks"])
        for job in jobs {
            let more = job.tasks.count > 1 ? " and \(job.tasks.count - 1) more" : ""
            table.add([
                job.key.text, job.system, job.id?.raw ?? "", state(of: job), sign(of: job)?.words ?? "", job.node ?? "",
                (job.tasks.first ?? "") + more,
            ])
        }
        return table.lines
    }

    static func line(_ unclaimed: OpenJobs.Unclaimed) -> String {
        let count = unclaimed.tasks.count
        return "\(unclaimed.tag): no pilot has taken \(count) \(count == 1 ? "task" : "tasks")"
    }

    /// "pending: PartitionConfig".
    private static func state(of job: OpenJobs.Job) -> String { job.reason.map { "\(job.word): \($0)" } ?? job.word }

    private static func sign(of job: OpenJobs.Job) -> JobSign? { job.state == .running ? JobSign(besides: job.log) : nil }

    /// What no pilot has taken is no job: it has a number in the place of tasks.
    static func json(_ unclaimed: OpenJobs.Unclaimed) -> JSON {
        ["tag": .string(unclaimed.tag), "state": .string("unclaimed"), "unclaimed": JSON(unclaimed.tasks.count)]
    }

    static func json(_ job: OpenJobs.Job) -> JSON {
        [
            "tag": .string(job.key.tag), "index": JSON(job.key.index), "system": .string(job.system), "id": JSON(job.id?.raw),
            "state": .string(job.word), "reason": JSON(job.reason), "node": JSON(job.node),
            "tasks": .array(job.tasks.map { .string($0) }), "log": .string(job.log), "alive": sign(of: job)?.json ?? .null,
        ]
    }
}

struct JobsCancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel open jobs.",
        discussion: "A run that is at work on their tasks hears of it as of any job that ends, and may try them again; the next "
            + "run submits anew what is not complete.")

    @Argument(help: "Jobs or tasks.") var names: [String] = []
    @Flag(name: .long, help: "All open jobs of the state directory.") var all = false
    @OptionGroup var place: StateOption

    func validate() throws {
        if names.isEmpty != all { throw ValidationError("name jobs or tasks, or give --all") }
    }

    func run() throws {
        let open = try JobsCommand.open(place)
        let (count, troubles) = open.cancel(try JobsCommand.chosen(names, of: open))
        for trouble in troubles { Terminal.complain("martlet: \(trouble)") }
        Terminal.say("\(count) \(count == 1 ? "job is" : "jobs are") cancelled")
        if !troubles.isEmpty { throw ExitCode(CommandExit.failed.rawValue) }
    }
}
