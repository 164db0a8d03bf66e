import MartletEngine
import MartletModel
import MartletPorts

/// What a run takes from the reports of earlier ones: where its tasks stand, what their inputs are called in reports, and
/// what has changed since.
extension Driver {
    /// What the tasks of a family are made from, and which changes of that make them run again.
    public func charter(_ family: FamilyIndex, _ charter: Charter) {
        records.standings.charter(family, charter)
        if !charter.rerunsOn.isEmpty { tell([.rerunsOn(charter.rerunsOn, family)]) }
    }

    /// Looks up what reports say of tasks that are about to be planned, or that were planned and not placed.
    /// - Parameters:
    ///   - state: the state directory.
    ///   - anew: what other runs have reported since the last look counts too.
    /// - Returns: where each stands, and whether a success is reported that was not known at the last look.
    /// - Throws: `.recordUnreadable`.
    public func lookUp(
        _ tasks: [TaskIndex], _ ids: [String], families: [FamilyIndex], state: String, anew: Bool
    ) throws(Diagnostic) -> [(standing: Standing, isNew: Bool)] {
        let open = { [adapters] in adapters.reportIndex(state) }
        let found = try records.look(up: tasks, ids, families: families, anew: anew, open)
        let before = tasks.map { engine.standing(of: $0)?.name }
        tell([.reported(found)])
        return zip(tasks, before).map { task, before in
            let standing = found[task] ?? Standing(.none)
            return (standing, standing.name != nil && standing.name != before)
        }
    }

    func askForNames(of inputs: [TaskIndex]) {
        let unknown = records.unnamed(inputs, engine)
        if unknown.isEmpty { return }
        toName += unknown
        pending.append(.name(unknown.count))
    }

    /// - Parameter ids: of the tasks `toName`, in order.
    /// - Returns: whether each has a report.
    public func name(_ ids: [String]) -> [Bool] {
        let tasks = toName
        toName = []
        do throws(Diagnostic) {
            let anew = looksAnew
            looksAnew = false
            let found = try records.look(up: tasks, ids, anew: anew) { [adapters, records] in adapters.reportIndex(records.state) }
            return tasks.map { found[$0]?.name != nil }
        } catch {
            endings.note(nil, Wording.text(error).line)  // then reports of this run say less
            return tasks.map { _ in true }
        }
    }

    /// What there is of a task that no report tells of.
    public func take(_ files: [RecordedOutput], of task: TaskIndex) {
        let standing = records.take(files, of: task)
        if !engine.hasEnded && engine.standing(of: task) != nil { tell([.reported([task: standing])]) }
    }

    /// What is different from the reports of tasks, as JSON: see `ReportStandings.differences`.
    public func differences(_ tasks: [TaskIndex]) -> String { records.standings.differences(tasks, engine) }
}
