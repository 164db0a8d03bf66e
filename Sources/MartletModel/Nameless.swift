/// Which predecessors of an execution had no name among what it consumed: neither a report nor a file to tell by.
public enum Nameless<Task> {
    case tasks([Task])
    /// Of many predecessors only how many is recorded.
    case count(Int)
    /// Its report does not say.
    case unknown

    /// The same of others; those that are nothing there are left out.
    public func map<Other>(_ transform: (Task) -> Other?) -> Nameless<Other> {
        switch self {
        case .tasks(let tasks): .tasks(tasks.compactMap(transform))
        case .count(let count): .count(count)
        case .unknown: .unknown
        }
    }
}

extension Nameless: Equatable where Task: Equatable {
    func contains(_ task: Task) -> Bool {
        if case .tasks(let tasks) = self { tasks.contains(task) } else { false }
    }

    /// nil where that is not known.
    public func tells(of task: Task) -> Bool? {
        if case .tasks(let tasks) = self { tasks.contains(task) } else { nil }
    }
}

extension Nameless: Sendable where Task: Sendable {}

extension Nameless<String> {
    /// As it is kept beside a report: a list of ids, or a number.
    public var text: String {
        switch self {
        case .tasks(let ids): JSON.array(ids.map(JSON.string)).text
        case .count(let count): "\(count)"
        case .unknown: ""
        }
    }

    /// What `text` made.
    public init(text: String) {
        if let count = Int(text) {
            self = .count(count)
        // what is neither is unknown, whatever is wrong with it: an index is a cache
        } else if let ids = (try? JSON.parse(text))?.array {
            self = .tasks(ids.compactMap(\.string))
        } else {
            self = .unknown
        }
    }
}

extension Report {
    /// Which of the tasks that it required had no name among what it consumed.
    public var nameless: Nameless<String> {
        switch execution.consumed {
        case nil: .tasks([])
        case .all: .count(execution.nameless)
        case .each(let names) where !names.contains(nil): .tasks([])
        case .each(let names) where names.count == inputs.count && batch == nil:
            .tasks(zip(inputs, names).filter { $0.1 == nil }.map { $0.0 })
        case .each: .unknown
        }
    }
}
