import MartletModel
import MartletPorts

/// ARC computing elements, by their REST interface: `ARCClient`.
///
/// An element of a submission is a job of its own, called `TAG.INDEX`; a job's id is its URL. Jobs see none of this machine's
/// files: what their command names is sent to each, log and result are fetched when a job has ended.
public struct ARCDialect: BatchDialect {
    public static let name = "arc"
    // What an element says of states lags behind them by up to a minute; which jobs there are it knows at once.
    public let habits = BatchHabits(
        pollInterval: 60, grace: 180, mostElements: 500, sharesFolders: false, keepsFiles: true, avoidsNodes: false,
        usualReasons: ["accepting", "accepted", "preparing", "prepared", "submitting", "queuing"])

    public init() {}

    // MARK: submitting

    public func submission(_ array: JobArray) -> [BatchCommand] {
        guard ARCDialect.trouble(array) == nil, let element = array.options.queue.map(ARCElement.init) else { return [] }
        let description = ARCDescription(array, queue: element.queue), path = "\(array.folder)/arc.xrsl"
        let files = [
            BatchCommand.File(path: path, content: description.text),
            BatchCommand.File(path: description.scriptPath, content: description.script),
        ]
        return [BatchCommand(ARCClient.words("new", element.url, [path] + description.files), files: files, limit: 900)]
    }

    /// What cannot be submitted at all.
    private static func trouble(_ array: JobArray) -> String? {
        if array.options.queue == nil { return "ARC must be told a computing element: `queue`, for example ce.example.org" }
        if let gpus = array.options.gpus, gpus > 0 {
            return "ARC has no common word for GPUs: ask for them by what the site wants in `extra`, not by `gpus`"
        }
        return nil
    }

    public func accepted(_ array: JobArray, _ results: [BatchCommandResult]) -> [Acceptance] {
        if let trouble = ARCDialect.trouble(array) { return Array(repeating: .refused(trouble), count: array.count) }
        let element = ARCElement(array.options.queue ?? "")
        let result = results.first ?? BatchCommandResult(.notStarted("no command"))
        let told = ARCAnswer.jobs(result.output) ?? []
        let who = ARCAnswer.who(result.output)
        if told.count == array.count { return told.map { ARCDialect.acceptance($0, element, who) } }
        let why = ARCDialect.complaint(result)
        switch result.end {
        case .notStarted: return Array(repeating: .refused(why), count: array.count)
        // 70: nothing was sent; 22: the element has said no, but for errors of its own
        case .exited(70): return Array(repeating: .refused(why), count: array.count)
        // curl: no address, no connection; without an answer to a request before it none was sent
        case .exited(5...7) where result.output.isEmpty:
            return Array(repeating: .unreachable(why), count: array.count)
        case .exited(22) where result.errors.contains("error: 4"): return Array(repeating: .refused(why), count: array.count)
        default:
            // one description that cannot be read is told of as one job, whatever the number that was sent
            if told.count == 1, told[0]["id"] == nil, let reason = told[0]["reason"]?.string {
                return Array(repeating: .refused(reason), count: array.count)
            }
            return Array(repeating: .uncertain(why), count: array.count)
        }
    }

    private static func acceptance(_ told: JSON, _ element: ARCElement, _ who: String?) -> Acceptance {
        if let id = told["id"]?.string, told["status-code"]?.string?.hasPrefix("2") == true {
            return .accepted(element.job(id, who: who))
        }
        return .refused(told["reason"]?.string ?? "refused without a reason")
    }

    /// What curl and the script have said about a failure.
    static func complaint(_ result: BatchCommandResult) -> String {
        let lines = result.errors.split(whereSeparator: \.isNewline)
        guard case .exited = result.end, !lines.isEmpty else { return result.words(of: "the conversation") }
        return String(lines.reversed().joined(separator: ": ").prefix(400))
    }

    // MARK: asking

    public func listing(_ asked: [AskedSubmission]) -> [BatchCommand] {
        ARCQuestion.list(asked).map(\.command)
    }

    public func read(_ asked: [AskedSubmission], _ results: [BatchCommandResult]) -> BatchListing {
        ARCQuestion.read(ARCQuestion.list(asked), asked, results)
    }

    // MARK: files

    public func collection(_ jobs: [CollectedJob]) -> [BatchCommand] {
        let lines = jobs.flatMap { job -> [String] in
            guard let id = job.id.map(ARCElement.address) else { return [] }
            return ["log", "result"].map { "\(id)/session/\(job.key.index).\($0)\t\($0 == "log" ? job.log : job.result)\n" }
        }
        // the element is not looked at: each line has a whole URL
        return lines.isEmpty ? [] : [BatchCommand(ARCClient.words("fetch", "-"), input: lines.joined(), limit: 900)]
    }

    /// The element has answered for each file, or it is wanted again. What it has not, 404, never comes.
    public func missing(_ jobs: [CollectedJob], _ results: [BatchCommandResult]) -> [JobKey: String] {
        let result = results.first ?? BatchCommandResult(.notStarted("no command"))
        var settled: Set<Substring> = []
        for line in result.output.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 2)
            guard parts.count == 3 else { continue }
            if (parts[0] == "200" && parts[1] == "0") || parts[0] == "404" { settled.insert(parts[2]) }
        }
        let open = jobs.filter { $0.id != nil && !(settled.contains($0.log[...]) && settled.contains($0.result[...])) }
        return Dictionary(open.map { ($0.key, ARCDialect.complaint(result)) }, uniquingKeysWith: { first, _ in first })
    }

    public func show(_ job: JobKey, _ id: JobID) -> BatchCommand? {
        let url = "\(ARCElement.address(of: id))/session/\(job.index).log"
        return BatchCommand(ARCClient.words("show", "-", [url]), limit: 120)
    }

    public func shown(_ result: BatchCommandResult) throws(Unseen) -> String? {
        if result.isSuccess { return result.output }
        if result.end == .exited(22) && result.errors.contains("error: 404") { return nil }
        throw Unseen(ARCDialect.complaint(result))
    }

    // MARK: cancelling and removing

    public func disposal(_ jobs: [JobID]) -> [BatchCommand] {
        ARCQuestion.grouped(jobs).map { element, ids in
            BatchCommand(ARCClient.words("clean", element), input: ARCQuestion.body(ids), limit: 120)
        }
    }

    public func cancellation(_ jobs: [JobID]) -> [BatchCommand] {
        ARCQuestion.grouped(jobs).map { element, ids in
            BatchCommand(ARCClient.words("kill", element), input: ARCQuestion.body(ids), limit: 120)
        }
    }

    public func refusal(_ jobs: [JobID], _ results: [BatchCommandResult]) -> String? {
        results.first { !$0.isSuccess }.map(ARCDialect.complaint)
    }
}
