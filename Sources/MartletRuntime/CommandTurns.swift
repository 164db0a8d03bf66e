import MartletEngine
import MartletModel

/// Commands that wait: for their turn to start, or for the Python side to have heard of their end.
struct CommandTurns {
    private var prepared: [TaskIndex: CommandRequest] = [:]
    private var unheard: [TaskIndex: EndedExecution] = [:]

    /// Prepared ahead of its turn.
    mutating func keep(_ request: CommandRequest) { prepared[request.task] = request }

    func isPrepared(_ task: TaskIndex) -> Bool { prepared[task] != nil }

    /// Its turn has come; nil when it was not prepared.
    mutating func takePrepared(_ task: TaskIndex) -> CommandRequest? {
        guard var request = prepared.removeValue(forKey: task) else { return nil }
        request.isAhead = false
        return request
    }

    /// It has ended, and its end is to be heard.
    mutating func keep(_ end: EndedExecution) { unheard[end.frame.task] = end }

    /// The end of a command as the program had it, and as the Python side took it.
    mutating func complete(_ one: inout EndedExecution) {
        guard !unheard.isEmpty, let end = unheard.removeValue(forKey: one.frame.task) else { return }
        var frame = end.frame
        (frame.kind, frame.text) = (one.frame.kind, one.frame.text)
        one = EndedExecution(frame: frame, worker: end.worker, log: end.log, lease: one.lease)
    }

    /// How a command ended that is to be heard: `{"kind":number,"text":…,"wall":seconds}`.
    func end(of task: TaskIndex) -> String {
        guard let frame = unheard[task]?.frame else { return "{}" }
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("kind")
        writer.integer(frame.kind.rawValue)
        writer.name("text")
        writer.string(frame.text)
        writer.name("wall")
        writer.number(frame.wall)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
