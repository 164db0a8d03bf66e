import MartletEngine
import MartletModel

/// What the tasks of a family are made from, and which changes of that make them run again: a JSON object
///
///     {"code": {…}, "environment": {…}, "sandbox": {…} or null, "rerun_on": ["code", "inputs", "environment"],
///      "submitter": {…}}
///
/// with the facts' content (`docs/reports.md`). `submitter`: in a job, the environment of the run that had it submitted.
public struct Charter: Sendable {
    let code: Fact
    let environment: Fact
    let sandbox: Fact?
    /// nil where it is the environment here.
    private let submitter: Fact?
    public let rerunsOn: Change

    public init(json text: String) throws {
        // as it is recorded: what is compared with a report has no secrets either
        let json = try JSON.parse(Secrets.hidden(in: text))
        code = Fact(.code, json["code"] ?? .object([]))
        environment = Fact(.environment, json["environment"] ?? .object([]))
        sandbox = json["sandbox"].flatMap { $0 == .null ? nil : Fact(.sandbox, $0) }
        let submitter = json["submitter"].map { Fact(.environment, $0) }
        self.submitter = submitter == environment ? nil : submitter
        var changes: Change = []
        for name in json["rerun_on"]?.array ?? [] {
            switch name.string {
            case "code": changes.insert(.code)
            case "inputs": changes.insert(.inputs)
            case "environment": changes.insert(.environment)
            default: break  // the steering side has refused it
            }
        }
        rerunsOn = changes
    }

    var facts: Execution.Facts {
        Execution.Facts(
            code: code.digest, environment: environment.digest, sandbox: sandbox?.digest ?? "", submitter: submitter?.digest ?? "")
    }

    var all: [Fact] { [code, environment] + [sandbox, submitter].compactMap(\.self) }

    /// What is different now from what a report says, but for inputs. What it does not say is no difference.
    func changes(since report: RecordedFacts) -> Change {
        var changes: Change = []
        if let then = report.code {
            let (old, new) = (then.content["fingerprint"]?.string ?? "", code.content["fingerprint"]?.string ?? "")
            // those of another form cover other things: they tell nothing
            let isComparable = then.content["form"] == code.content["form"] && !old.isEmpty && !new.isEmpty
            if isComparable && old != new { changes.insert(.code) }
            let (before, now) = (then.content["defaults"] ?? .null, code.content["defaults"] ?? .null)
            if before != .null && Canonical.encode(before) != Canonical.encode(now) { changes.insert(.parameters) }
        }
        if let then = report.environment, then.digest != environment.digest { changes.insert(.environment) }
        if report.environment != nil && report.sandbox?.digest != sandbox?.digest { changes.insert(.environment) }
        return changes
    }
}

/// The facts that a report refers to, as far as they were found.
struct RecordedFacts {
    var code: Fact?
    var environment: Fact?
    var sandbox: Fact?

    init(_ facts: Execution.Facts, in all: [String: Fact]) {
        code = all[facts.code]
        environment = all[facts.environment]
        sandbox = all[facts.sandbox]
    }
}
