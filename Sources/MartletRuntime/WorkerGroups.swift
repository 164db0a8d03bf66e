import Glibc
import MartletEngine
import MartletModel
import MartletSystem

/// The process groups of workers whose zygote has not told that it ended them.
///
/// A zygote kills what is left of a worker's group when the worker has ended. When the zygote itself is lost, the kernel
/// kills its workers and nothing that their tasks have started: that is left to the driver.
struct WorkerGroups {
    private var groups: [WorkerID: (leader: Int32, zygote: Int32)] = [:]

    /// - Parameter zygote: the descriptor on which the worker's zygote is heard.
    mutating func add(_ worker: WorkerID, leader: Int32, zygote: Int32) { groups[worker] = (leader, zygote) }

    /// The zygote has reaped the worker, after it killed its group.
    mutating func hasEnded(_ worker: WorkerID) { groups[worker] = nil }

    /// The zygote is gone.
    mutating func isLost(zygote: Int32) {
        for (worker, group) in groups where group.zygote == zygote {
            Signals.send(SIGKILL, toGroup: group.leader)
            groups[worker] = nil
        }
    }
}
