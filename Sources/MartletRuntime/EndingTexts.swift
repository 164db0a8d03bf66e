import MartletEngine
import MartletModel

/// What executions said when they ended, kept for the summary: only of those that did not simply succeed.
struct EndingTexts {
    private var texts: [TaskIndex: (text: String, log: Execution.LogSpan?)] = [:]
    private var order: [TaskIndex] = []
    /// How many of `order` have been told of.
    private var told = 0
    private var notes: [(task: TaskIndex?, text: String)] = []
    /// How many of `notes` have been told of while the run went on.
    private var notesTold = 0
    /// Tasks that were interrupted while they ran, by family: to the engine they have failed.
    private var interrupted: [FamilyIndex: Int] = [:]
    /// How many failures of a cause are kept with all they said; numbers do not tell causes apart.
    private static let inFull = 5
    /// Of so many causes.
    private static let causes = 500
    private var failures: [String: Int] = [:]

    mutating func took(_ one: EndedExecution) {
        let frame = one.frame
        if frame.kind == .done {
            // what wears a worker out does so again and again: told of once
            let isOld = frame.isWorn && notes.contains { $0.text == frame.text }
            if !frame.text.isEmpty && !isOld { note(frame.task, frame.text) }
        } else {
            let end = (text: abridged(frame.text), log: one.log)
            // of a task that was tried more than once the last failure counts; what ran as one with it has failed too
            let followers = one.lease?.followers ?? []
            if frame.kind == .interrupted, let lease = one.lease { interrupted[lease.family, default: 0] += 1 + followers.count }
            for task in [frame.task] + followers where texts.updateValue(end, forKey: task) == nil {
                order.append(task)
            }
        }
    }

    /// Of the same failure again and again the first line is enough.
    private mutating func abridged(_ text: String) -> String {
        guard let end = text.firstIndex(of: "\n") else { return text }
        let cause = String(text[..<end])
        let key = String(decoding: cause.utf8.filter { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }, as: UTF8.self)
        if failures[key] == nil && failures.count >= EndingTexts.causes { return cause }
        failures[key, default: 0] += 1
        return failures[key]! > EndingTexts.inFull ? cause : text
    }

    mutating func note(_ task: TaskIndex?, _ text: String) {
        // the same complaint of the whole run, e.g. of a full disk, is worth one line
        if task == nil && notes.contains(where: { $0.task == nil && $0.text == text }) { return }
        notes.append((task, text))
    }

    /// Notes of the whole run since this was asked before.
    mutating func appendUntoldNotes(to writer: inout JSONWriter) {
        writer.beginArray()
        for note in notes[notesTold...] where note.task == nil { writer.string(note.text) }
        writer.endArray()
        notesTold = notes.count
    }

    /// `[[family,tasks],…]`
    func appendInterrupted(to writer: inout JSONWriter) {
        writer.beginArray()
        for (family, count) in interrupted.sorted(by: { $0.key.raw < $1.key.raw }) {
            writer.beginArray()
            writer.integer(family.raw)
            writer.integer(count)
            writer.endArray()
        }
        writer.endArray()
    }

    /// What failed since this was asked before, and was not interrupted; of many the first twenty.
    mutating func appendUntold(to writer: inout JSONWriter, _ engine: Engine) {
        writer.beginArray()
        // one that is tried again is not lost yet
        let isLost = { (task: TaskIndex) in
            let hasFailed = engine.states[task.position] == .failed || engine.mayStayUntried(task)
            return hasFailed && engine.reason(of: task).code != .interruptedWhileRunning
        }
        for task in order[told...].filter(isLost).prefix(20) {
            writer.beginArray()
            writer.integer(task.raw)
            writer.string(String(texts[task]?.text.prefix { $0 != "\n" } ?? ""))
            writer.string(texts[task]?.log?.file ?? "")
            writer.endArray()
        }
        writer.endArray()
        told = order.count
    }

    func json(
        _ engine: Engine, notes more: [String] = [], left: LeftJobs = LeftJobs(), of slice: JobSlice? = nil
    ) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("endings")
        writer.beginArray()
        for task in order where isListed(engine.states[task.position]) { append(task, engine, &writer) }
        for i in engine.states.indices where isListed(engine.states[i]) {
            let task = TaskIndex(i)
            if texts[task] == nil && engine.reason(of: task).code != .notNeeded { append(task, engine, &writer) }
        }
        writer.endArray()
        writer.name("notes")
        writer.beginArray()
        for note in notes + more.map({ (task: nil, text: $0) }) {
            writer.beginArray()
            if let task = note.task { writer.integer(task.raw) } else { writer.null() }
            writer.string(note.text)
            writer.endArray()
        }
        writer.endArray()
        writer.name("retried")
        writer.beginArray()
        for task in order where engine.states[task.position] == .done { writer.integer(task.raw) }
        writer.endArray()
        writer.name("interrupted")
        writer.bool(engine.halted?.code == .interrupted)
        writer.name("left")
        left.append(to: &writer)
        slice?.append(to: &writer)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func isListed(_ state: TaskState) -> Bool {
        switch state {
        case .failed, .missing, .broken, .blocked, .withheld: return true
        case .unseen, .present, .waiting, .ready, .running, .suspended, .delayed, .elsewhere, .done: return false
        }
    }

    private func append(_ task: TaskIndex, _ engine: Engine, _ writer: inout JSONWriter) {
        let reason = engine.reason(of: task)
        writer.beginArray()
        writer.integer(task.raw)
        writer.integer(engine.states[task.position].rawValue)
        writer.integer(reason.code.rawValue)
        if let subject = reason.subject { writer.integer(subject.raw) } else { writer.null() }
        writer.string(texts[task]?.text ?? "")
        let log = texts[task]?.log
        writer.string(log?.file ?? "")
        writer.integer(log?.offset ?? 0)
        writer.integer(log?.length ?? 0)
        writer.endArray()
    }
}
