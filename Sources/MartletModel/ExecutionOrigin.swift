/// What only who starts an execution knows of it: why it ran, which try it is, what it was made from and what it consumed.
/// It travels to whoever runs it, and reports it, with the members' names that they have in reports.
extension Execution {
    /// The members of a JSON object, without braces.
    public var origin: [UInt8] {
        var writer = JSONWriter()
        encodeAttempt(into: &writer)
        encodeOrigin(into: &writer)
        return writer.bytes
    }

    /// Takes over what `origin` tells of another execution.
    public mutating func take(origin: JSON) throws(Report.Malformed) { try takeOrigin(Report.Members(origin)) }

    func encodeAttempt(into writer: inout JSONWriter) {
        if attempt != 1 {
            writer.name(literal: "try")
            writer.integer(attempt)
        }
    }

    func encodeOrigin(into writer: inout JSONWriter) {
        if let reason {
            writer.name(literal: "why")
            writer.beginArray()
            writer.string(reason.code)
            if !reason.task.isEmpty { writer.string(reason.task) }
            writer.endArray()
        }
        encodeFacts(into: &writer)
        encodeConsumed(into: &writer)
    }

    private func encodeFacts(into writer: inout JSONWriter) {
        if !facts.code.isEmpty {
            writer.name(literal: "code")
            writer.string(facts.code)
        }
        if !facts.environment.isEmpty {
            writer.name(literal: "env")
            writer.string(facts.environment)
        }
        if !facts.sandbox.isEmpty {
            writer.name(literal: "sandbox")
            writer.string(facts.sandbox)
        }
        if !facts.submitter.isEmpty {
            writer.name(literal: "submitter")
            writer.string(facts.submitter)
        }
    }

    private func encodeConsumed(into writer: inout JSONWriter) {
        if let consumed {
            writer.name(literal: "used")
            consumed.encode(into: &writer)
        }
        if nameless > 0 {
            writer.name(literal: "nameless")
            writer.integer(nameless)
        }
        if !consumedByMember.isEmpty {
            writer.name(literal: "uses")
            writer.beginArray()
            for consumed in consumedByMember { if let consumed { consumed.encode(into: &writer) } else { writer.null() } }
            writer.endArray()
        }
        if !taken.isEmpty {
            writer.name(literal: "taken")
            writer.beginArray()
            for file in taken { file.encode(into: &writer) }
            writer.endArray()
        }
    }

    mutating func takeOrigin(_ members: Report.Members) throws(Report.Malformed) {
        attempt = Int(try members.optional("try", \.integer) ?? 1)
        reason = try members.optional("why", \.array).map { (fields) throws(Report.Malformed) in
            guard let code = fields.first?.string else { throw Report.Malformed("why") }
            return Reason(code: code, task: fields.count > 1 ? fields[1].string ?? "" : "")
        }
        facts = Facts(
            code: try members.optional("code", \.string) ?? "", environment: try members.optional("env", \.string) ?? "",
            sandbox: try members.optional("sandbox", \.string) ?? "", submitter: try members.optional("submitter", \.string) ?? "")
        consumed = try members.optional("used", { $0 }).map { (used) throws(Report.Malformed) in try ConsumedReports(json: used) }
        nameless = Int(clamping: try members.optional("nameless", \.integer) ?? 0)
        consumedByMember = []
        for used in try members.optional("uses", \.array) ?? [] {
            consumedByMember.append(used == .null ? nil : try ConsumedReports(json: used))
        }
        taken = []
        for file in try members.optional("taken", \.array) ?? [] { taken.append(try RecordedOutput(json: file)) }
    }
}
