import MartletEngine
import MartletModel

/// What workers are to be told, collected while the engine's actions are carried out and sent in one go.
struct Outbox {
    private var messages: [WorkerID: [WorkerMessage]] = [:]

    mutating func forget(_ task: TaskIndex, at worker: WorkerID) {
        messages[worker, default: []].append(WorkerMessage(task: task, verb: .forget))
    }

    /// A task is to be run, or gone on with.
    /// - Parameters:
    ///   - outfit: what the worker may use from now on, where that is new to it.
    ///   - log: the file that the task prints to, where it has one of its own.
    mutating func perform(
        _ verb: WorkerMessage.Verb, _ task: TaskIndex, _ order: Order, at worker: WorkerID, outfit: [UInt8]?, log: String?
    ) {
        if let outfit {
            messages[worker, default: []].append(WorkerMessage(task: task, verb: .equip, description: outfit))
        }
        if let log {
            messages[worker, default: []].append(WorkerMessage(task: task, verb: .log, description: Array(log.utf8)))
        }
        let followers = verb == .run ? order.followers : []
        messages[worker, default: []].append(WorkerMessage(task: task, verb: verb, followers: followers))
    }

    func send(to pool: inout WorkerPool) {
        for (worker, new) in messages { pool.send(new, to: worker) }
    }
}
