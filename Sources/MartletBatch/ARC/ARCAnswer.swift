import MartletModel
import MartletPorts

/// What a computing element says of one job: its state, or its whole GLUE2 description.
struct ARCAnswer {
    let told: JSON

    /// The jobs of an answer, which has one value a line. Of one job some versions make an object, of several a list.
    /// nil: it is no answer.
    static func jobs(_ output: String) -> [JSON]? {
        var jobs: [JSON] = [], isAnswer = false
        for line in output.split(whereSeparator: \.isNewline) {
            // a page of a proxy, an answer that broke off: no answer, whatever is wrong with it
            guard let value = try? JSON.parse(String(line)) else { return nil }
            if value["who"] != nil { continue }
            guard let told = value["job"] else { return nil }
            isAnswer = true
            if let list = told.array {
                jobs += list
            } else if told.members != nil {
                jobs.append(told)
            } else if told != .null && told != .string("") {
                return nil
            }
        }
        return isAnswer ? jobs : nil
    }

    /// As whom the element was asked, by what the script says of that.
    static func who(_ output: String) -> String? {
        // other lines are the element's, and may be anything: `jobs` judges them
        output.split(whereSeparator: \.isNewline).lazy.compactMap { (try? JSON.parse(String($0)))?["who"]?.string }.first
    }

    /// It says of the job neither how it is nor that there is none.
    var isRefusal: Bool { !["200", "404"].contains(told["status-code"]?.string ?? "200") }

    private var activity: JSON? { told["info_document"]?["ComputingActivity"] }

    /// A job so new that the element does not tell what it is called.
    var isNameless: Bool {
        guard let activity, activity["Name"] == nil else { return false }
        return ["ACCEPTING", "ACCEPTED", "PREPARING"].contains(state)
    }

    /// nil where it is none of those that are known, and has no name of ours; or where it has failed, and only that is told.
    /// - Parameter who: as whom the element was asked.
    func job(_ element: ARCElement, _ known: [String: JobKey], who: String?) -> SeenJob? {
        guard let own = told["id"]?.string, told["status-code"]?.string == "200",
            let key = known[own] ?? ARCAnswer.key(activity?["Name"]?.string), let seen
        else { return nil }
        let peak = activity?["UsedMainMemory"]?.string.flatMap { UInt64($0) }.flatMap { $0 > 0 ? $0 * 1_048_576 : nil }
        return SeenJob(key, element.job(own, who: who), seen, node: activity?["ExecutionNode"]?.string, peakMemory: peak)
    }

    /// "TAG.INDEX".
    private static func key(_ name: String?) -> JobKey? {
        guard let name, let dot = name.lastIndex(of: "."), let index = Int(name[name.index(after: dot)...]) else { return nil }
        return JobKey(String(name[..<dot]), index)
    }

    /// "RUNNING"; in a description it is one of several, "arcrest:RUNNING".
    private var state: String? {
        if let state = told["state"]?.string { return state }
        let prefix = "arcrest:"
        let states = activity?["State"]?.array ?? activity?["State"].map { [$0] } ?? []
        return states.compactMap(\.string).first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    private var seen: SeenState? {
        switch state {
        case "FINISHED" where activity == nil: return .ended(.succeeded)
        case "FAILED" where activity == nil: return nil
        case "FINISHED", "FAILED", "KILLED", "WIPED": return .ended(end)
        case "HELD": return .held("held by the computing element")
        // OTHER: it is with the batch system behind the element, in a state that ARC has no word for
        case "RUNNING", "OTHER", "EXITINGLRMS", "EXECUTED", "FINISHING", "KILLING": return .running
        case nil: return nil
        case let other?: return .pending(other.lowercased())
        }
    }

    private var end: JobEnd {
        if state == "KILLED" { return .cancelled }
        let error = activity?["Error"]?.string ?? ""
        if let cause = ARCAnswer.cause(error) { return cause }
        guard let text = activity?["ExitCode"]?.string, let code = Int32(text) else {
            return .unknown(error.isEmpty ? (state ?? "").lowercased() : error)
        }
        if code == 0 { return error.isEmpty ? .succeeded : .unknown(error) }
        return .exited(code)
    }

    /// Sites have batch systems of their own behind ARC, whose words come through in the error.
    private static func cause(_ error: String) -> JobEnd? {
        let words = error.lowercased()
        func says(_ some: String...) -> Bool { some.contains { words.contains($0) } }
        let isMemory = says("out of memory", "out_of_memory", "oom-kill", "oom kill", "memory limit", "exceeded memory")
        if isMemory { return .outOfMemory }
        if says("walltime", "wall time", "time limit", "timelimit", "timeout", "cputime", "cput ") { return .timeLimit }
        if says("node fail", "node_fail", "nodefail") { return .nodeFailure(error) }
        return nil
    }
}
