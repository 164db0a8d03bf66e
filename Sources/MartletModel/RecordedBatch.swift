/// Several tasks that ran as one: a member of the report of the instance that ran for them,
///
///     "batch":[["parameter",…],["task id","value",…],…]
///
/// with the names of the combined parameters first, then each task's id and its own values of them.
public struct RecordedBatch: Equatable, Sendable {
    public var parameters: [String]
    public var members: [Member]

    public struct Member: Equatable, Sendable {
        /// The task's id.
        public var task: String
        /// Its values of the combined parameters.
        public var values: [String]
        public init(task: String, values: [String]) {
            self.task = task
            self.values = values
        }
    }

    public init(parameters: [String], members: [Member]) {
        self.parameters = parameters
        self.members = members
    }

    init(_ rows: [JSON]) throws(Report.Malformed) {
        var texts: [[String]] = []
        for row in rows {
            let row = row.array?.map(\.string) ?? [nil]
            guard !row.contains(nil) else { throw Report.Malformed("batch") }
            texts.append(row.compactMap(\.self))
        }
        guard let names = texts.first, texts.dropFirst().allSatisfy({ $0.count == names.count + 1 }) else {
            throw Report.Malformed("batch")
        }
        parameters = names
        members = texts.dropFirst().map { Member(task: $0[0], values: Array($0.dropFirst())) }
    }
}

extension Report {
    /// This report once for each task of the batch that ran: with the task's own id, parameters and title, and its share
    /// of the processor time. Just this report where a task ran alone.
    public var parts: [Report] {
        guard let batch, !batch.members.isEmpty else { return [self] }
        let uses = execution.consumedByMember
        return batch.members.enumerated().map { place, member in
            var part = self
            part.execution.consumedByMember = []
            if uses.count == batch.members.count { part.execution.consumed = uses[place] }
            let own = Dictionary(zip(batch.parameters, member.values), uniquingKeysWith: { first, _ in first })
            part.task = member.task
            part.parameters = .object(
                (parameters.members ?? []).map { JSONMember($0.name, own[$0.name].map(JSON.string) ?? $0.value) })
            part.title = Report.title(family, part.parameters) ?? member.task
            part.execution.cpu = execution.cpu.map { $0 / Double(batch.members.count) }
            return part
        }
    }
}
