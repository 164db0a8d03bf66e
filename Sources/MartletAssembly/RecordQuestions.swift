import MartletModel
import MartletPorts
import MartletRecords
import MartletStorage

/// Questions about the records, for Python: each is a JSON object with the name of the question, and the answer is what the
/// command of that name prints with `--json`. Those that no command has are about `ForeignJobs`.
public enum RecordQuestions {
    public static let names = [
        "status", "list", "show", "history", "diff", "explain", "estimate", "verify", "compact", "names",
    ]

    /// Why a question cannot be answered as it was put.
    public struct Misunderstood: Error {
        public let message: String
    }

    /// - Parameters:
    ///   - question: `{"ask": name, …}`, with the words that the command of that name has.
    ///   - state: the state directory.
    ///   - stores: of outputs that are to be verified.
    ///   - attention: asked while a batch system's answer is awaited, whether to go without.
    /// - Throws: `Diagnostic`, `Misunderstood`.
    public static func answer(
        _ question: JSON, in state: String, _ stores: Stores, attention: Attention = { false }
    ) throws -> JSON {
        let asked = question["ask"]?.string ?? ""
        switch asked {
        case "compact": return try compact(question, state)
        case "open tasks": return try ForeignJobs.tasks(of: state, besides: question["besides"]?.string)
        case "living jobs": return try ForeignJobs.living(in: question["system"]?.string ?? "", of: state, attention)
        case "held":
            return try ForeignJobs.held(question["tasks"]?.members ?? [], in: state, besides: question["besides"]?.string)
        default: break
        }
        guard names.contains(asked) else { throw Misunderstood(message: "there is no question \"\(asked)\"") }
        let records = try Assembly.records(of: state)
        let pattern = question["pattern"]?.string ?? "*"
        let tasks = (question["tasks"]?.array ?? []).compactMap(\.string)
        switch asked {
        case "status":
            let status = try AreaStatus(records, fitting: pattern)
            guard let depth = question["depth"]?.integer else { return status.json }
            return status.json(tree: try FamilyTree(records, status, depth: Int(clamping: max(0, depth))))
        case "list":
            let failed = question["failed"]?.bool ?? false, all = question["all"]?.bool ?? false
            return .array(try records.executions(fitting: pattern, failed: failed, all: all).map(\.json))
        case "show": return try records.details(of: records.find(tasks.first ?? ""))
        case "history":
            return .array(try tasks.flatMap { try records.tasks($0) }.map { try TaskHistory($0, records).json })
        case "diff":
            let (first, second) = try records.pair(tasks.first ?? "", tasks.dropFirst().first)
            return try ReportDifference(first, second, records).json
        case "explain":
            return .array(try tasks.flatMap { try TaskStory.all($0, records, state: state) }.map(\.json))
        case "names":
            let most = Int(clamping: question["most"]?.integer ?? 1000)
            return .array(try records.tasks(beginning: tasks.first ?? "", most: most).map(JSON.string))
        case "estimate": return try estimate(question, records)
        default:
            let verification = try Verification(
                records, stores, fitting: pattern, folder: question["directory"]?.string ?? ".",
                checksums: question["checksums"]?.bool ?? true)
            guard question["lines"]?.bool == true else { return verification.json }
            return .object(
                (verification.json.members ?? []) + [JSONMember("lines", .array(verification.lines.map(JSON.string)))])
        }
    }

    private static func estimate(_ question: JSON, _ records: ReportCatalogue) throws -> JSON {
        var counts: [(family: String, tasks: Int)] = []
        for member in question["counts"]?.members ?? [] {
            guard let tasks = member.value.integer, tasks >= 0 else {
                throw Misunderstood(message: "counts[\(member.name)] is no number of tasks")
            }
            counts.append((member.name, Int(clamping: tasks)))
        }
        return try Estimate(records, counts, workers: Int(clamping: question["workers"]?.integer ?? 1)).json
    }

    private static func compact(_ question: JSON, _ state: String) throws -> JSON {
        let days = question["older_than"]?.double ?? 7
        let rules = Compaction.Rules(
            olderThan: max(0, days) * 86400, keep: question["keep"]?.integer.map { max(1, Int(clamping: $0)) })
        return try Compaction("\(state)/reports", rules, trial: question["dry_run"]?.bool ?? false).json
    }
}
