import MartletEngine
import MartletModel

/// Jobs that a run has left in its batch system, for a later one to go on with.
struct LeftJobs {
    /// The batch system's name.
    var system = ""
    /// How many jobs.
    var jobs = 0
    /// Of their submissions, ascending.
    var tags: [String] = []
    /// Which tasks they run.
    var tasks: [TaskIndex] = []
    /// How many tasks were to be submitted, and are not.
    var unsubmitted = 0
    /// Tasks that are ready and wait for a counted resource, by its name.
    var held: [String: Int] = [:]
    /// Tasks that have failed and wait for the time of another try.
    var delayed = 0
    /// Tasks that another run holds.
    var elsewhere = 0
    /// Jobs that were cancelled on request, as the system has confirmed.
    var cancelled = 0

    /// `{"system":name,"jobs":count,"tags":[…],"tasks":[…],"unsubmitted":count,
    /// "held":{resource:tasks,…},"delayed":count,"elsewhere":count,"cancelled":count}`
    func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.name("system")
        writer.string(system)
        writer.name("jobs")
        writer.integer(jobs)
        writer.name("tags")
        writer.beginArray()
        for tag in tags { writer.string(tag) }
        writer.endArray()
        writer.name("tasks")
        writer.beginArray()
        for task in tasks { writer.integer(task.raw) }
        writer.endArray()
        writer.name("unsubmitted")
        writer.integer(unsubmitted)
        writer.name("held")
        writer.value(.object(held.sorted { $0.key < $1.key }.map { JSONMember($0.key, JSON($0.value)) }))
        writer.name("delayed")
        writer.integer(delayed)
        writer.name("elsewhere")
        writer.integer(elsewhere)
        writer.name("cancelled")
        writer.integer(cancelled)
        writer.endObject()
    }
}
