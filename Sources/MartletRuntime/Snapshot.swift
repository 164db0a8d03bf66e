import MartletEngine
import MartletModel
import MartletPorts

/// What a display is told of a run under way, as one JSON object: each part is added once.
struct Snapshot {
    private var writer = JSONWriter()

    init() { writer.beginObject() }

    /// Tasks by state, a row a family.
    mutating func add(counts: [[Int]]) {
        writer.name("counts")
        writer.beginArray()
        for row in counts {
            writer.beginArray()
            for count in row { writer.integer(count) }
            writer.endArray()
        }
        writer.endArray()
    }

    /// Of a worker that holds several the one that it is at; of programs all; of jobs none, which are counted apart.
    mutating func add(
        running: [(worker: WorkerID, tasks: [TaskIndex])], _ executions: Executions, _ programs: ChildPrograms, now: UInt64
    ) {
        writer.name("running")
        writer.beginArray()
        for (worker, tasks) in running where worker != Driver.batch {
            let isManyProcesses = worker == Driver.children
            for task in isManyProcesses ? tasks[...] : tasks.prefix(1) {
                let log = isManyProcesses ? programs.log(of: task) ?? "" : executions.logs.path(of: task, worker)
                writer.beginArray()
                writer.integer(task.raw)
                writer.integer(worker.raw)
                writer.number(executions.age(of: task, now: now))
                writer.string(log)
                writer.endArray()
            }
        }
        writer.endArray()
    }

    /// What has failed since this was told before.
    mutating func add(failed endings: inout EndingTexts, _ engine: Engine) {
        writer.name("failed")
        endings.appendUntold(to: &writer, engine)
    }

    /// How many tasks were interrupted, and what is to be known of the whole run since this was told before.
    mutating func add(notes endings: inout EndingTexts) {
        writer.name("interrupted")
        endings.appendInterrupted(to: &writer)
        writer.name("notes")
        endings.appendUntoldNotes(to: &writer)
    }

    /// Parts of logs that are complete since this was told before.
    mutating func add(written logs: inout TaskLogs) {
        writer.name("written")
        logs.appendUntold(to: &writer)
    }

    /// Whom this run waits for.
    mutating func add(elsewhere others: [(holder: LeaseHolder, count: Int)]) {
        writer.name("elsewhere")
        writer.beginArray()
        for (holder, count) in others {
            writer.beginArray()
            writer.string(holder.words)
            writer.integer(count)
            writer.endArray()
        }
        writer.endArray()
    }

    /// What the batch system has of this run.
    mutating func add(jobs: (system: String, jobs: Int, tally: JobTally)?) {
        writer.name("jobs")
        guard let (system, jobs, tally) = jobs else { return writer.null() }
        writer.beginObject()
        writer.name("system")
        writer.string(system)
        writer.name("jobs")
        writer.integer(jobs)
        writer.name("adopted")
        writer.integer(tally.adopted)
        writer.name("done_before")
        writer.integer(tally.doneBefore)
        writer.name("waits_for")
        writer.value(tally.waitsFor.map { .array([.string($0.reason), JSON($0.jobs)]) } ?? .null)
        writer.name("queues")
        writer.beginArray()
        for (queue, row) in tally.rows.sorted(by: { $0.key < $1.key }) {
            writer.beginArray()
            writer.string(queue)
            for count in [row.waiting, row.submitting, row.pending, row.running, row.done, row.failed, row.lost] {
                writer.integer(count)
            }
            writer.endArray()
        }
        writer.endArray()
        writer.endObject()
    }

    consuming func text() -> String {
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
