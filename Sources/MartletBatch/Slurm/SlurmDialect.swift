import MartletModel
import MartletPorts

/// Slurm by its commands: an array a submission, `squeue` for what the controller knows, `sacct` for what it has forgotten.
///
/// The commands' columns are asked for by name, with `|` between them, which every version since 20.11 understands and
/// which takes 60 bytes a job. Their JSON takes 3.4 kB, differs from version to version, and that of 22.05 cannot be
/// restricted to an array's elements.
public struct SlurmDialect: BatchDialect {
    public static let name = "slurm"

    /// Of one array: the usual limit is `MaxArraySize` = 1001.
    private static let mostElements = 1000
    /// Names in one question: more are not told apart by Slurm but here.
    private static let mostNames = 50
    /// Seconds by which clocks may differ.
    private static let slack: Int64 = 86_400

    // The controller knows a job from the moment at which it accepts it; a message may be under way for a while.
    public let habits = BatchHabits(
        pollInterval: 30, grace: 20, mostElements: SlurmDialect.mostElements, usualReasons: ["Priority", "Resources"])

    public init() {}

    // MARK: submitting

    public func submission(_ array: JobArray) -> [BatchCommand] {
        var words = ["sbatch", "--parsable", "--job-name=\(array.tag)", "--array=0-\(array.count - 1)"]
        words += ["--chdir=\(array.directory)", "--output=\(SlurmDialect.literal(array.folder))/%a.log", "--open-mode=append"]
        let options = array.options
        if let cores = options.cores { words += ["--ntasks=1", "--cpus-per-task=\(cores)"] }
        if let memory = options.memory { words.append("--mem=\(SlurmDialect.roundedUp(memory, 1 << 20))M") }
        if let disk = options.disk { words.append("--tmp=\(SlurmDialect.roundedUp(disk, 1 << 20))M") }
        if let walltime = options.walltime { words.append("--time=\(max(1, Int(saturating: (walltime / 60).rounded(.up))))") }
        if let gpus = options.gpus { words.append("--gres=gpu:\(gpus)") }
        if let queue = options.queue { words.append("--partition=\(queue)") }
        if !options.avoidedNodes.isEmpty { words.append("--exclude=\(options.avoidedNodes.joined(separator: ","))") }
        return [BatchCommand(words, input: SlurmDialect.script(array), limit: 120)]
    }

    private static func script(_ array: JobArray) -> String {
        let lines = array.options.extra.map { "#SBATCH \($0)\n" }.joined()
        let command = array.command.map(ShellWord.quoted).joined(separator: " ")
        return "#!/bin/sh\n\(lines)exec \(command) \"$SLURM_ARRAY_TASK_ID\"\n"
    }

    /// A path in which Slurm replaces nothing.
    private static func literal(_ path: String) -> String {
        path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
    }

    private static func roundedUp(_ bytes: UInt64, _ unit: UInt64) -> UInt64 { (bytes + unit - 1) / unit }

    public func accepted(_ array: JobArray, _ results: [BatchCommandResult]) -> [Acceptance] {
        let result = results[0]
        if result.isSuccess, let number = SlurmDialect.number(result.output) {
            return (0..<array.count).map { .accepted(JobID("\(number)_\($0)")) }
        }
        let why = SlurmRefusal(result).why
        let words = result.words(of: "sbatch")
        return Array(repeating: why.map { .refused($0) } ?? .uncertain(words), count: array.count)
    }

    /// Of `1234` or `1234;cluster`, on the last line that is printed.
    private static func number(_ output: String) -> Int? {
        output.split(whereSeparator: \.isNewline).last.flatMap { $0.split(separator: ";").first }.flatMap { Int($0) }
    }

    // MARK: asking

    public func listing(_ asked: [AskedSubmission]) -> [BatchCommand] {
        if asked.isEmpty { return [] }
        let words = ["squeue", "--me", "--array", "--noheader", "--states=all", "--Format=\(SlurmQueue.format)"]
        return [BatchCommand(words + names(asked), limit: 120)]
    }

    public func read(_ asked: [AskedSubmission], _ results: [BatchCommandResult]) -> BatchListing {
        guard let result = results.first else { return BatchListing(jobs: [], gap: nil) }
        return BatchListing(
            jobs: SlurmQueue.jobs(result.output, of: asked), gap: SlurmDialect.gap(result, of: "squeue"))
    }

    public func history(_ asked: [AskedSubmission]) -> [BatchCommand] {
        let begin = asked.map(\.submitted).min() ?? 0
        let since = begin > 0 ? String(UTC.readable((begin - SlurmDialect.slack) * 1_000_000_000).prefix(10)) : "1970-01-01"
        let words = ["sacct", "--noheader", "--parsable2", "--starttime=\(since)", "--format=\(SlurmHistory.format)"]
        return [BatchCommand(words + names(asked), limit: 300)]
    }

    public func readHistory(_ asked: [AskedSubmission], _ results: [BatchCommandResult]) -> BatchListing {
        let result = results[0]
        // nobody keeps accounts: what the controller has forgotten is gone
        if result.errors.contains("accounting storage is disabled") { return BatchListing(jobs: [], gap: nil) }
        return BatchListing(
            jobs: SlurmHistory.jobs(result.output, of: asked), gap: SlurmDialect.gap(result, of: "sacct"))
    }

    private func names(_ asked: [AskedSubmission]) -> [String] {
        let tags = Set(asked.map(\.tag)).sorted()
        return tags.count <= SlurmDialect.mostNames ? ["--name=\(tags.joined(separator: ","))"] : []
    }

    private static func gap(_ result: BatchCommandResult, of program: String) -> String? {
        if result.isCut { return "the output of \(program) was cut off" }
        return result.isSuccess && !result.errors.contains("error:") ? nil : result.words(of: program)
    }

    // MARK: cancelling

    public func cancellation(_ jobs: [JobID]) -> [BatchCommand] {
        // arguments of a command are limited to some hundred kB
        let ids = jobs.map(\.raw).sorted()
        return stride(from: 0, to: ids.count, by: 2000).map { begin in
            BatchCommand(["scancel"] + ids[begin..<min(begin + 2000, ids.count)], limit: 120)
        }
    }

    public func refusal(_ jobs: [JobID], _ results: [BatchCommandResult]) -> String? {
        for result in results where !result.isSuccess {
            let lines = result.errors.split(whereSeparator: \.isNewline)
            let isGone = !lines.isEmpty && lines.allSatisfy { line in SlurmDialect.gone.contains { line.contains($0) } }
            if !isGone { return result.words(of: "scancel") }
        }
        return nil
    }

    /// What scancel says of jobs that have ended.
    private static let gone = ["Invalid job id", "already completing or completed"]
}
