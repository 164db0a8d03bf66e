import MartletModel

/// What the driver tells a worker: task u32, verb u32, length u32 of what follows, all little-endian; read by
/// `martlet.running.worker`.
struct WorkerMessage {
    enum Verb: UInt32 {
        /// Run the task; as one with those whose numbers (u32) follow, if any.
        case run = 0
        /// Go on with the suspended task.
        case resume = 1
        /// Drop the suspended task.
        case forget = 2
        /// Of tasks that were planned after the worker's process was forked; a lesson follows.
        case learn = 3
        /// What the tasks from here on may use; it follows, see `Outfitter`.
        case equip = 4
        /// The task that is run or resumed next prints to a file of its own, whose path follows.
        case log = 5
    }
    var task: TaskIndex
    var verb: Verb
    var description: [UInt8] = []
    /// Tasks that run as one with this one.
    var followers: [TaskIndex] = []

    func append(to bytes: inout [UInt8]) {
        let length = UInt32(description.count + 4 * followers.count)
        for number in [task.raw, verb.rawValue, length] + followers.map(\.raw) {
            withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
        }
        bytes.append(contentsOf: description)
    }
}
