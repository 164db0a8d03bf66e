import MartletEngine
import MartletModel

/// What a display and the summary are told of a run, as JSON.
extension Driver {
    /// `{"counts":[[tasks by state] by family],"running":[[task,worker,seconds,log],…],
    /// "failed":[[task,cause,log],…],"interrupted":[[family,tasks],…],"notes":[text,…],"written":[[task,log,offset,length],…],
    /// "elsewhere":[[other run,tasks],…]}`: of what failed since this was asked before the first twenty; how many of the failed
    /// were interrupted while they ran; notes of the whole run since then; parts of logs that are complete since then, where logs are
    /// followed; for how many tasks of which other runs this one waits; `"jobs":null`, or
    /// `{"system":name,"jobs":count,"adopted":tasks,"done_before":tasks,
    /// "waits_for":null or [reason,jobs],"queues":[[name,tasks by what became of their jobs…],…]}`.
    public func snapshot() -> String {
        var snapshot = Snapshot()
        snapshot.add(counts: engine.counts)
        snapshot.add(running: engine.running, executions, crew.programs, now: now)
        snapshot.add(failed: &endings, engine)
        snapshot.add(notes: &endings)
        snapshot.add(written: &executions.logs)
        snapshot.add(elsewhere: claims?.waitsFor ?? [])
        snapshot.add(jobs: crew.tally(now: now))
        return snapshot.text()
    }

    /// `{"endings":[[task,state,reason,subject,text,log,offset,length],…],"notes":[[task,text],…],"retried":[task,…],
    /// "interrupted":bool,"left":see `LeftJobs`}` and, in a job, members that `JobSlice` adds: every task that did not simply
    /// succeed, in the order in which they ended, with the part of the log that is its own. A note of the whole run has null
    /// for its task.
    public func summary() -> String {
        if let (system, cancelled) = crew.cancelledJobs { (leftJobs.system, leftJobs.cancelled) = (system, cancelled) }
        return endings.json(engine, notes: claims?.notes ?? [], left: leftJobs, of: slice)
    }

    /// What nobody has taken at this moment of each counted resource, as a JSON object of numbers.
    public func left() -> String {
        var writer = JSONWriter()
        writer.beginObject()
        for (name, amount) in engine.left.sorted(by: { $0.key < $1.key }) {
            writer.name(name)
            writer.number(amount)
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
