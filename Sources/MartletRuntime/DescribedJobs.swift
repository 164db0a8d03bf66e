import MartletModel
import MartletPorts
import MartletSystem

/// What the jobs of a submission were told, read back from its folder (`JobFile`).
final class DescribedJobs {
    /// What all of them were told that is not the submission's own.
    let head: JSON
    /// By their digests.
    private var facts: [String: Fact] = [:]
    /// Lines of slices that nobody has asked for, and those that somebody has.
    private var lines: [Int: ArraySlice<UInt8>] = [:]
    private var tasks: [Int: [JSON]] = [:]

    /// Members of the first line that `JobFile` writes anew.
    private static let own: Set<String> = ["tag", "job", "pilots", "after", "facts"]

    /// - Throws: when there is no description, or it cannot be read.
    init(in folder: String) throws(SystemError) {
        let bytes = try File.read("\(folder)/job.json")
        let first = DescribedJobs.json(bytes.prefix { $0 != UInt8(ascii: "\n") })
        head = .object((first?.members ?? []).filter { !DescribedJobs.own.contains($0.name) })
        take(bytes, from: 0)
        for name in try Directory.listIfThere(folder) where name.hasSuffix(".added") {
            guard let from = Int(name.dropLast(".added".count)) else { continue }
            take(try File.read("\(folder)/\(name)"), from: from)
        }
    }

    /// - Parameter from: the number of the first slice that it describes.
    private func take(_ bytes: [UInt8], from: Int) {
        let parts = bytes.split(separator: UInt8(ascii: "\n"))
        for member in parts.first.flatMap(DescribedJobs.json)?["facts"]?.members ?? [] {
            let fact = Fact(.code, member.value)
            facts[member.name] = fact.digest == member.name ? fact : Fact(.environment, member.value)
        }
        for (place, line) in parts.dropFirst().enumerated() { lines[from + place] = line }
    }

    private static func json(_ bytes: ArraySlice<UInt8>) -> JSON? {
        do { return try JSON.parse(Array(bytes)) } catch { return nil }
    }

    /// nil where it is not described.
    func task(_ position: Int, of slice: Int) -> JSON? {
        if tasks[slice] == nil {
            tasks[slice] = lines.removeValue(forKey: slice).flatMap(DescribedJobs.json)?["tasks"]?.array ?? []
        }
        return tasks[slice]!.indices.contains(position) ? tasks[slice]![position] : nil
    }

    /// By which runs claim it, and those that run as one with it. Older versions did not say.
    func claims(_ position: Int, of slice: Int) -> [TaskDigest]? {
        task(position, of: slice)?["claims"]?.array?.compactMap { $0.string.flatMap(TaskDigest.init(hex:)) }
    }

    /// A request for another job for it, which is one more try.
    /// - Parameter followers: ids of tasks that run as one with it.
    func request(_ position: Int, of slice: Int, followers: [String], _ options: JobOptions) -> JobRequest? {
        guard let task = task(position, of: slice), let id = task["task"]?.string, let members = task.members else { return nil }
        let told = members.map { $0.name == "origin" ? JSONMember($0.name, DescribedJobs.again($0.value)) : $0 }
        var request = JobRequest(
            task: id, followers: followers, description: Array(JSON.object(told).text.utf8), options: options)
        request.facts = Array(facts.values)
        // tries begin anew, with what this one asks for
        if options.memory != nil || options.walltime != nil {
            request.given = JobTries(memory: options.memory, walltime: options.walltime)
        }
        return request
    }

    private static func again(_ origin: JSON) -> JSON {
        let tries = origin["try"]?.integer ?? 1
        return .object([JSONMember("try", .integer(tries &+ 1))] + (origin.members ?? []).filter { $0.name != "try" })
    }
}
