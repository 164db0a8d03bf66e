import MartletEngine
import MartletModel

/// Where what tasks print is kept: in one file a worker, in a file of its own for a task that takes long, or in the file
/// that keeps what the calling process prints.
struct TaskLogs {
    /// Of the files of workers and tasks.
    var directory = ""
    /// The file that keeps what the calling process prints; empty when none does.
    let here: String
    /// Where all workers print, one after another, to the end of the same file; nil where each has its own.
    private let together: JobLog?
    /// Running and suspended tasks that print to a file of their own.
    private var own: Set<TaskIndex> = []
    /// Parts that are complete and nobody was told of; nil when nobody wants to know.
    private var untold: [(task: TaskIndex, log: Execution.LogSpan)]?

    init(here: String, isFollowed: Bool, together: JobLog? = nil) {
        self.here = here
        self.together = together
        untold = isFollowed ? [] : nil
    }

    /// The task prints to a file of its own, until it has ended.
    mutating func giveOwn(_ task: TaskIndex) { own.insert(task) }

    /// The path of the task's own file; nil when it has none.
    func own(_ task: TaskIndex) -> String? { own.contains(task) ? ownPath(task) : nil }

    private func ownPath(_ task: TaskIndex) -> String { "\(directory)/task-\(task.raw).log" }

    /// Where a task prints to that runs with this worker; empty for a terminal.
    func path(of task: TaskIndex, _ worker: WorkerID) -> String {
        own(task) ?? (worker == Driver.here ? here : path(of: worker))
    }

    private func path(of worker: WorkerID) -> String { together?.path ?? "\(directory)/worker-\(worker.raw).log" }

    /// Where in its file a new worker begins.
    var begin: Int64 { together?.length ?? 0 }

    /// The part of an execution that has ended; nil when it printed to no file.
    func span(_ worker: WorkerID, _ frame: OutcomeFrame) -> Execution.LogSpan? {
        // the driver's file is made with the first byte
        if worker == Driver.here && (here.isEmpty || frame.logLength == 0) { return nil }
        let workers = worker == Driver.here ? here : path(of: worker)
        return Execution.LogSpan(
            file: frame.hasOwnLog ? ownPath(frame.task) : workers, offset: Int64(frame.logOffset),
            length: Int64(frame.logLength))
    }

    /// The part of an execution whose process is gone. - Parameter begin: where it begins in the worker's file.
    func rest(of task: TaskIndex, _ worker: WorkerID, from begin: Int64) -> Execution.LogSpan {
        let path = path(of: task, worker), begin = own.contains(task) ? 0 : begin
        let length = path == together?.path ? together!.length : FileLength.of(path)
        return Execution.LogSpan(file: path, offset: begin, length: max(0, length - begin))
    }

    mutating func ended(_ task: TaskIndex, _ log: Execution.LogSpan?) {
        own.remove(task)
        if let log { untold?.append((task, log)) }
    }

    /// `[[task,path,offset,length],…]`: what is complete and was not told before.
    mutating func appendUntold(to writer: inout JSONWriter) {
        writer.beginArray()
        for (task, log) in untold ?? [] {
            writer.beginArray()
            writer.integer(task.raw)
            writer.string(log.file)
            writer.integer(log.offset)
            writer.integer(log.length)
            writer.endArray()
        }
        writer.endArray()
        if untold != nil { untold = [] }
    }
}
