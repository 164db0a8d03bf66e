import MartletModel
import MartletPorts
import MartletSystem

/// What a submission was made from, beside the description of its jobs: what has to be known to submit them again without
/// the run that did. In the submission's folder, `array.json`, before the ledger has the submission:
///
///     {"martlet": "array", "version": 1, "command": [words], "files": [paths], "directory": path, "tasks_per_job": count,
///      "leases": {"kind": "auto" | "local" | "shared", "timeout": seconds}, "options": see `JobOptions.init`}
///
/// `leases`: how the run shared its analysis with others; null: not at all. What else jobs are told is in `job.json`.
struct ArrayFile: Equatable {
    private static let version: Int64 = 1

    var command: [String]
    var files: [String]
    var directory: String
    var tasksPerJob: Int
    var leases: JSON
    var options: JobOptions

    init(_ new: WaitingTasks.NewArray, _ settings: JobSettings) {
        (command, files, directory) = (settings.command, settings.files, settings.directory)
        (tasksPerJob, leases, options) = (settings.tasksPerJob, settings.leases, new.options)
    }

    /// - Returns: nil where the folder has none that this version can use.
    init?(in folder: String) {
        do {
            let json = try JSON.parse(try File.read(ArrayFile.path(in: folder)))
            guard json["martlet"]?.string == "array", json["version"]?.integer == ArrayFile.version,
                let command = json["command"]?.array, let directory = json["directory"]?.string
            else { return nil }
            self.command = command.compactMap(\.string)
            files = (json["files"]?.array ?? []).compactMap(\.string)
            self.directory = directory
            tasksPerJob = max(1, Int(clamping: json["tasks_per_job"]?.integer ?? 1))
            leases = json["leases"] ?? .null
            options = JobOptions(json["options"])
            options.queue = json["options"]?["queue"]?.string
        } catch {
            return nil
        }
    }

    func write(in folder: String) throws(SystemError) {
        let words: ([String]) -> JSON = { .array($0.map(JSON.string)) }
        let json: JSON = [
            "martlet": .string("array"), "version": .integer(ArrayFile.version), "command": words(command), "files": words(files),
            "directory": .string(directory), "tasks_per_job": JSON(tasksPerJob), "leases": leases, "options": options.json,
        ]
        try File.replace(ArrayFile.path(in: folder), with: Array("\(json.text)\n".utf8))
    }

    private static func path(in folder: String) -> String { "\(folder)/array.json" }
}

extension JobOptions {
    /// As `init` reads it, and the `queue`. Nodes that are avoided are left out: whether they are bad is soon another matter.
    public var json: JSON {
        var members: [JSONMember] = []
        func add(_ name: String, _ value: JSON?) { if let value { members.append(JSONMember(name, value)) } }
        add("cores", cores.map { JSON($0) })
        add("memory", memory.map { .integer(Int64(clamping: $0)) })
        add("disk", disk.map { .integer(Int64(clamping: $0)) })
        add("walltime", walltime.map(JSON.number))
        add("gpus", gpus.map { JSON($0) })
        add("queue", queue.map(JSON.string))
        add("extra", extra.isEmpty ? nil : .array(extra.map(JSON.string)))
        return .object(members)
    }
}
