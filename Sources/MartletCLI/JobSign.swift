import MartletModel
import MartletSystem

/// The last sign of life of a job, where its files are shared with this machine.
struct JobSign {
    /// Tasks of its slice, and how many of them are over.
    var tasks: Int64
    var over: Int64
    /// Seconds since the file was written, by the clock of its file system and of this machine: for people.
    var age: Double

    /// - Parameter log: the job's log, beside which it says that it is alive.
    /// - Returns: nil where there is no sign.
    init?(besides log: String) {
        let path = "\(log.hasSuffix(".log") ? String(log.dropLast(4)) : log).alive"
        do {
            let said = try JSON.parse(try File.read(path))
            guard let tasks = said["tasks"]?.integer, let over = said["over"]?.integer else { return nil }
            (self.tasks, self.over) = (tasks, over)
            let written = try StatMany.status(of: path).modified
            age = max(0, Double(SystemClock().wall() - written) / 1e9)
        } catch {
            return nil  // it has not begun, or its files are elsewhere
        }
    }

    /// "2 of 3, 40 s ago".
    var words: String {
        let ago = age < 120 ? "\(Int(age)) s" : age < 7200 ? "\(Int(age / 60)) min" : "\(Int(age / 3600)) h"
        return "\(over) of \(tasks), \(ago) ago"
    }

    var json: JSON { ["tasks": .integer(tasks), "over": .integer(over), "age": .number(age)] }
}
