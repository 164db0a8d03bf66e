import MartletEngine
import MartletModel

/// The ids of tasks that ran again because it was asked for: reports of what depends on them name them.
///
/// Runs without such tasks keep nothing and pay nothing.
struct ForcedTasks {
    private var ids: [TaskIndex: String] = [:]

    /// Notes a task that ran for this reason. - Parameter fragment: the members that name it, its id first.
    mutating func note(_ task: TaskIndex, ran why: Reason, fragment: [UInt8]) {
        guard why.code == .forced || why.code == .dependencyForced, let id = ForcedTasks.id(in: fragment) else { return }
        ids[task] = id
    }

    /// The id of the task that a reason is about; empty where that is not known.
    func subject(of why: Reason) -> String { why.subject.flatMap { ids[$0] } ?? "" }

    /// - Returns: nil where the fragment is no members of an object, or begins otherwise.
    private static func id(in fragment: [UInt8]) -> String? {
        do throws(JSONError) {
            return try JSON.parse("{\(String(decoding: fragment, as: UTF8.self))}")["task"]?.string
        } catch {
            return nil  // whoever reads the report is told of it
        }
    }
}
