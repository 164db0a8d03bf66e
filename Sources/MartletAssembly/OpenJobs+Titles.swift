import MartletModel
import MartletPorts
import MartletSystem

extension OpenJobs {
    /// Ids of tasks of open jobs with this title, such as `Selection(file=3)`: those that the submissions' descriptions tell of
    /// (`job.json`), which are read for it.
    public func tasks(titled title: String) -> Set<String> {
        guard let parenthesis = title.firstIndex(of: "(") else { return [] }
        let beginning = "\(title[..<parenthesis])_"
        var open: [String: Set<String>] = [:]
        for job in jobs where job.tasks.contains(where: { $0.hasPrefix(beginning) }) {
            open[String(job.log.prefix(upTo: job.log.lastIndex(of: "/") ?? job.log.startIndex)), default: []].formUnion(job.tasks)
        }
        return open.reduce(into: []) { found, submission in
            found.formUnion(OpenJobs.described(in: submission.key, title).intersection(submission.value))
        }
    }

    private static func described(in folder: String, _ title: String) -> Set<String> {
        var found: Set<String> = []
        do {
            for line in try File.read("\(folder)/job.json").split(separator: UInt8(ascii: "\n")).dropFirst() {
                for told in try JSON.parse(String(decoding: line, as: UTF8.self))["tasks"]?.array ?? [] {
                    guard let family = told["family"]?.string, let task = told["task"]?.string else { continue }
                    if Report.title(family, told["params"] ?? .null) == title { found.insert(task) }
                }
            }
        } catch {
            return []  // what cannot be read tells of nothing
        }
        return found
    }
}
