import MartletModel
import MartletPorts
import MartletSystem

@testable import MartletEngine
@testable import MartletRuntime

/// Pilots of a fake batch system. They know what real ones know, the folder of their submission, and need two turns for a
/// slice: they claim it, then they leave its result.
final class FakePilots {
    /// How often tasks were begun and finished, by id.
    private(set) var begun: [String: Int] = [:]
    private(set) var finished: [String: Int] = [:]
    /// Slices after which pilots end, as they do when their time nears its end.
    var stamina = Int.max
    /// Pilots that do nothing at all: the next step ends them so.
    var failing: JobEnd?
    private var atWork: [JobKey: Int] = [:]
    private var atWorkTasks: [JobKey: [String]] = [:]
    private var done: [JobKey: Int] = [:]

    func step(_ array: JobArray, _ index: Int) -> JobEnd? {
        let key = JobKey(array.tag, index)
        if let failing { return failing }
        do {
            if let slice = atWork.removeValue(forKey: key) {
                try leave(array.folder, slice, index, count: .max)
                done[key, default: 0] += 1
                atWorkTasks[key] = nil
                return nil
            }
            guard done[key, default: 0] < stamina, let slice = try claim(array.folder, index) else { return .succeeded }
            atWork[key] = slice
            atWorkTasks[key] = try slices(array.folder)[slice]!
            for task in tasks(of: key) { begun[task, default: 0] += 1 }
            return nil
        } catch {
            // a folder of the test's own: without it no history is played
            fatalError("\(error)")
        }
    }

    /// The slice that a pilot is at work on.
    func slice(of key: JobKey) -> Int? { atWork[key] }

    /// Ids of the tasks that a pilot is at work on.
    func tasks(of key: JobKey) -> [String] { atWorkTasks[key] ?? [] }

    /// Leaves the outcomes of the first tasks of a slice.
    func leave(_ folder: String, _ slice: Int, _ pilot: Int, count: Int) throws {
        var bytes: [UInt8] = []
        for (place, task) in try slices(folder)[slice]!.enumerated().prefix(count) {
            finished[task, default: 0] += 1
            OutcomeFrame.append(
                to: &bytes, task: TaskIndex(place), start: 1, wall: 1, cpu: 1, peak: 1, log: (0, 0), fragment: { _ in })
        }
        try File.replace(JobArray.result(of: slice, by: pilot, in: folder), with: bytes)
    }

    private func claim(_ folder: String, _ pilot: Int) throws -> Int? {
        let claimed = try PoolListing(folder).claimed, all = try slices(folder).keys.sorted()
        let free = all.filter { !claimed.contains($0) }
        guard let slice = free.contains(pilot) ? pilot : free.first else { return nil }
        try File.writeAll(File.openNew(JobArray.claim(of: slice, in: folder)), Array("\(pilot)\n".utf8))
        return slice
    }

    /// Ids of tasks, by slice.
    private func slices(_ folder: String) throws -> [Int: [String]] {
        var slices: [Int: [String]] = [:]
        for name in try Directory.listIfThere(folder) where (name == "job.json" || name.hasSuffix(".added")) && !Directory.isDirectory("\(folder)/\(name)") {
            var number = (Int(name.prefix { $0 != "." }) ?? 0) - 1, isHead = true
            for line in String(decoding: try File.read("\(folder)/\(name)"), as: UTF8.self).split(separator: "\n") {
                if !isHead { slices[number] = try JSON.parse(String(line))["tasks"]!.array!.map { $0["task"]!.string! } }
                (number, isHead) = (number + 1, false)
            }
        }
        return slices
    }
}
