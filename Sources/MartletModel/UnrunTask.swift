/// A task that never got its turn in a run, as recorded at the run's end:
///
///     "unrun":"task id","family":"…","title":"…","params":{…},"state":"blocked","why":["blockedBy","task id"],
///     "cause":"…","at":nanoseconds
///
/// `why` is the engine's reason with the task behind it, where there is one; `cause` says it in one line.
public struct UnrunTask: Equatable, Sendable {
    public var task: String
    public var family: String
    public var title: String
    public var parameters: JSON
    /// `missing`, `broken`, `blocked` or `withheld`.
    public var state: String
    public var reason: Execution.Reason
    public var cause: String
    /// When the run ended, in nanoseconds since 1970-01-01 UTC.
    public var at: Int64

    /// - Returns: nil when the record is of something else.
    /// - Throws: `Malformed` when the state or time is missing, or a member is of the wrong kind.
    public init?(json: JSON) throws(Report.Malformed) {
        guard json["unrun"] != nil else { return nil }
        let members = Report.Members(json)
        task = try members.required("unrun", \.string)
        family = try members.optional("family", \.string) ?? ""
        parameters = json["params"] ?? .null
        title = try members.optional("title", \.string) ?? Report.title(family, parameters) ?? task
        state = try members.required("state", \.string)
        at = try members.required("at", \.integer)
        cause = try members.optional("cause", \.string) ?? ""
        let why = try members.optional("why", \.array) ?? []
        guard let code = why.first?.string else { throw Report.Malformed("why") }
        reason = Execution.Reason(code: code, task: why.count > 1 ? why[1].string ?? "" : "")
    }
}
