import MartletModel

/// What the report of a job's task says that only the run knows which had the job submitted: an object of members of a
/// report (`Execution.origin`), and `inputs` or `needs`.
public struct JobOrigin: Sendable {
    private var execution = Execution(outcome: .done, start: 0, wall: 0)
    /// Members that stand behind those of the task, with a comma before each.
    let inputs: [UInt8]

    /// - Throws: `JSONError`, `Report.Malformed`.
    public init(json text: String) throws {
        let json = try JSON.parse(text)
        try execution.take(origin: json)
        var writer = JSONWriter()
        for name in ["inputs", "needs"] {
            guard let value = json[name] else { continue }
            writer.name(name)
            writer.value(value)
        }
        inputs = writer.bytes.isEmpty ? [] : [UInt8(ascii: ",")] + writer.bytes
    }

    /// - Parameter charter: of the task's family as it is where it ran.
    func add(to execution: inout Execution, _ charter: Charter?) {
        execution.reason = self.execution.reason
        execution.attempt = self.execution.attempt
        execution.facts = charter?.facts ?? self.execution.facts
        execution.consumed = self.execution.consumed
        execution.nameless = self.execution.nameless
        execution.consumedByMember = self.execution.consumedByMember
        execution.taken = self.execution.taken
    }
}
