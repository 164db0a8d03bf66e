import MartletEngine
import MartletModel
import MartletPorts

/// A task for a batch system, as the Python side describes it (`martlet.running.jobs`):
///
///     {"task": id, "followers": [ids of those that run as one with it], "description": object,
///      "options": see `JobOptions.init`, "claims": [names]}
///
/// `claims`: under which names runs claim the task and those that run as one with it. Their digests become a member of the
/// description, in hexadecimal digits, by which `JobResubmission` knows what to claim.
package struct JobRequest {
    /// The task's id.
    let task: String
    /// The ids of tasks that run as one with it, which leads them.
    let followers: [String]
    /// How many executions have failed so far of each of `tasks`, in this run and before.
    var failed: [Int]
    /// What the ledger is to say that each of `tasks` has used up, where its job asks for more than they do: who resubmits a job
    /// by hand may want so.
    var given: JobTries?
    /// What of its failures is worth another try.
    var retry = RetryPolicy.standard
    /// What a job is told of it, as JSON in one line.
    var description: [UInt8]
    var options: JobOptions
    /// Queues, partitions or computing elements one of which it is to go to, where `options` names none: at least two.
    package var queues: [String] = []
    /// What its origin refers to.
    var facts: [Fact] = []

    /// All that it runs: more than one where they run as one.
    var tasks: [String] { [task] + followers }

    /// Adds what only this run knows of its execution (`RunRecords.origin`).
    mutating func tell(_ origin: (members: [UInt8], facts: [Fact])) {
        precondition(description.last == UInt8(ascii: "}"))
        description.removeLast()
        if description != [UInt8(ascii: "{")] { description.append(UInt8(ascii: ",")) }
        description += Array("\"origin\":{".utf8) + origin.members + Array("}}".utf8)
        facts = origin.facts
    }

    /// - Throws: `JSONError`, `ProgramRequest.MissingMember`.
    init(json text: String) throws {
        let json = try JSON.parse(text)
        guard let id = json["task"]?.string else { throw ProgramRequest.MissingMember(name: "task") }
        guard let described = json["description"] else { throw ProgramRequest.MissingMember(name: "description") }
        var writer = JSONWriter(reserving: 512)
        writer.value(described)
        let followers = json["followers"]?.array?.compactMap(\.string) ?? []
        let claims = json["claims"]?.array?.compactMap(\.string) ?? []
        self.init(task: id, followers: followers, description: writer.bytes, options: JobOptions(json["options"]))
        let queues = json["options"]?["queue"]?.array?.compactMap(\.string) ?? []
        if queues.count == 1 { options.queue = queues[0] } else { self.queues = queues }
        if !claims.isEmpty { describe("claims", .array(claims.map { .string(TaskDigest(of: $0).hex) })) }
    }

    /// Adds a member to the description.
    private mutating func describe(_ name: String, _ value: JSON) {
        let isEmpty = description == Array("{}".utf8)
        var writer = JSONWriter(appendingTo: description.dropLast(), afterMember: !isEmpty)
        writer.name(name)
        writer.value(value)
        description = writer.bytes + [UInt8(ascii: "}")]
    }

    package init(task: String, followers: [String] = [], description: [UInt8], options: JobOptions) {
        self.task = task
        self.followers = followers
        self.description = description
        self.options = options
        failed = Array(repeating: 0, count: followers.count + 1)
    }
}

/// What the jobs of a run have in common, as the Python side says:
///
///     {"system": name, "head": object, "command": [words], "files": [paths], "sources": {path: URL}, "directory": path,
///      "folder": path, "parallel_jobs": count or null, "tasks_per_job": count, "pilots": count or null,
///      "poll_interval": seconds or null, "leases": {"kind": word, "timeout": seconds} or null}
///
/// The word `{job}` of the command stands for the path of the job file, whose first line is `head`.
public struct JobSettings: Sendable {
    public var system: String
    var head: [UInt8] = []
    var command: [String]
    var files: [String]
    /// From where the system may fetch some of them itself: `JobArray.sources`.
    var sources: [String: String] = [:]
    var directory: String
    /// Where each submission has its folder.
    var folder: String
    /// Jobs in the system at a time.
    var parallelJobs: Int
    var tasksPerJob: Int
    /// Jobs that tasks which ask for the same share, one taking them after the other; nil: each job has its own.
    var pilots: Int?
    /// Seconds between two questions about jobs; nil: as the system is used to.
    var pollInterval: Double?
    /// How the run shares its analysis with others, for `ArrayFile`.
    var leases = JSON.null

    /// - Throws: `JSONError`, `ProgramRequest.MissingMember`.
    public init(json text: String) throws {
        let json = try JSON.parse(text)
        func member(_ name: String) throws(ProgramRequest.MissingMember) -> String {
            guard let value = json[name]?.string else { throw ProgramRequest.MissingMember(name: name) }
            return value
        }
        func words(_ name: String) throws(ProgramRequest.MissingMember) -> [String] {
            guard let value = json[name]?.array else { throw ProgramRequest.MissingMember(name: name) }
            return value.compactMap(\.string)
        }
        self.init(
            system: try member("system"), command: try words("command"), files: try words("files"),
            directory: try member("directory"), folder: try member("folder"))
        var writer = JSONWriter()
        writer.value(json["head"] ?? .object([]))
        head = writer.bytes
        for member in json["sources"]?.members ?? [] { sources[member.name] = member.value.string }
        parallelJobs = json["parallel_jobs"]?.integer.map { max(1, Int(clamping: $0)) } ?? .max
        tasksPerJob = max(1, Int(clamping: json["tasks_per_job"]?.integer ?? 1))
        pilots = json["pilots"]?.integer.map { max(1, Int(clamping: $0)) }
        pollInterval = json["poll_interval"]?.double
        leases = json["leases"] ?? .null
    }

    package init(
        system: String, command: [String], files: [String] = [], directory: String, folder: String,
        parallelJobs: Int = .max, tasksPerJob: Int = 1, pilots: Int? = nil, pollInterval: Double? = nil
    ) {
        self.system = system
        self.command = command
        self.files = files
        self.directory = directory
        self.folder = folder
        self.parallelJobs = parallelJobs
        self.tasksPerJob = tasksPerJob
        self.pilots = pilots
        self.pollInterval = pollInterval
    }

    func folder(of tag: String) -> String { "\(folder)/\(tag)" }
    func jobFile(of tag: String) -> String { "\(folder)/\(tag)/job.json" }
}

extension JobOptions {
    /// `{"cores": count, "memory": bytes, "disk": bytes, "walltime": seconds, "gpus": count, "extra": [lines]}`, each of which
    /// may be missing.
    init(_ json: JSON?) {
        self.init()
        cores = json?["cores"]?.integer.map(Int.init(clamping:))
        memory = json?["memory"]?.integer.map(UInt64.init(clamping:))
        disk = json?["disk"]?.integer.map(UInt64.init(clamping:))
        walltime = json?["walltime"]?.double
        gpus = json?["gpus"]?.integer.map(Int.init(clamping:))
        extra = json?["extra"]?.array?.compactMap(\.string) ?? []
    }
}
