import MartletModel

/// What reports mean for tasks: which run although nothing is missing, and what has changed.
extension Engine {
    /// Whether reports have a say in which tasks run.
    var isJudging: Bool { !standings.isEmpty }

    /// What a task needed as planned: not what it asked for while it ran.
    public func plannedDependencies(of task: TaskIndex) -> [TaskIndex] {
        let all = graph.dependencies(of: task.position)
        if all.isEmpty { return [] }
        return all.prefix(neededAsPlanned[task] ?? all.count).map { TaskIndex($0) }
    }

    /// Whether a task is complete exactly when what it needs is.
    public func gathers(_ task: TaskIndex) -> Bool { graph.kind[task.position] == .gathers }

    /// Says why tasks run although they count as settled: their reports are not good, or what has changed since makes
    /// them run again. - Parameter sorted: each after what it needs.
    mutating func judge(_ sorted: [Int], _ again: inout [Reason?]) {
        guard isJudging else { return }
        let names = Names(self)
        for i in sorted where again[i] == nil {
            again[i] = verdict(i, names) { again[$0] != nil }
        }
    }

    /// What runs changes the inputs of what needs it; what runs needs its own.
    ///
    /// A task that is not complete, and that nothing needs, does not run: what was made from it stays as it is.
    func spreadChanges(_ again: inout [Reason?], _ needed: inout [Bool]) {
        guard isJudging else { return }
        var changed = (0..<graph.count).filter { runs($0, again, needed) }
        // whoever says that a change counts wants it to, also where nothing else runs
        var wanted = (0..<graph.count).filter { isRerun($0, again) }
        var seen = [Bool](repeating: false, count: graph.count)
        while true {
            if let i = wanted.popLast() {
                if needed[i] { continue }
                needed[i] = true
                if graph.kind[i] == .gathers {
                    graph.forEachDependency(of: i) { wanted.append($0) }
                } else if runs(i, again, needed) {
                    seen[i] = false
                    changed.append(i)
                }
            } else if let i = changed.popLast() {
                if seen[i] { continue }
                seen[i] = true
                if runs(i, again, needed) { graph.forEachDependency(of: i) { wanted.append($0) } }
                graph.forEachDependent(of: i) { d in
                    if graph.kind[d] == .gathers {
                        changed.append(d)
                    } else if again[d] == nil && isSensitive(d) {
                        again[d] = Reason(.inputsChanged, TaskIndex(i))
                        changed.append(d)
                        if isRerun(d, again) { wanted.append(d) }
                    }
                }
            } else {
                return
            }
        }
    }

    /// Whether a task runs again for a change that it was said to run again for.
    private func isRerun(_ i: Int, _ again: [Reason?]) -> Bool {
        switch again[i]?.code {
        case .codeChanged, .environmentChanged: return true
        case .inputsChanged: return rerunsOn(i).contains(.inputs)
        default: return false
        }
    }

    /// Whether a task that counts as settled runs again when its inputs change.
    private func isSensitive(_ i: Int) -> Bool {
        graph.kind[i].isByReport || (graph.kind[i] == .complete && rerunsOn(i).contains(.inputs))
    }

    /// Whether a task that does work runs.
    private func runs(_ i: Int, _ again: [Reason?], _ needed: [Bool]) -> Bool {
        guard needed[i] else { return false }
        switch graph.kind[i] {
        case .broken, .externalAbsent, .gathers: return false
        case .outputAbsent, .incomplete, .withoutOutputs, .forced: return true
        case .complete, .byReport, .byReportThere, .byReportAbsent: return again[i] != nil
        }
    }

    func rerunsOn(_ i: Int) -> Change { rerunsOn[FamilyIndex(graph.family[i])] ?? [] }

    /// - Parameter runs: whether a dependency runs again.
    private func verdict(_ i: Int, _ names: Names, runs: (Int) -> Bool) -> Reason? {
        let kind = graph.kind[i]
        guard kind.isSettled, let standing = standings[TaskIndex(i)] else { return nil }
        let wanted = rerunsOn(i)
        if kind.isByReport {
            switch standing.report {
            case .none: return Reason(kind == .byReportThere ? .unreported : .reportAbsent)
            case .failed: return Reason(.reportFailed)
            case .removed: return Reason(.outputsRemoved)
            case .done: break
            }
        }
        if kind.isByReport || wanted.contains(.inputs) {
            if let changed = changedInput(of: i, standing, names, runs: runs) { return changed }
        }
        if kind == .byReportAbsent { return Reason(.outputGone) }
        if wanted.contains(.code) && standing.changes.contains(.code) { return Reason(.codeChanged) }
        if wanted.contains(.environment) && standing.changes.contains(.environment) { return Reason(.environmentChanged) }
        return nil
    }

    private func changedInput(of i: Int, _ standing: Standing, _ names: Names, runs: (Int) -> Bool) -> Reason? {
        if standing.report != .none && standing.changes.contains(.inputs) { return Reason(.inputsChanged) }
        let inputs = plannedDependencies(of: TaskIndex(i))
        if let runner = inputs.first(where: { names.changes($0.position, runs: runs) }) { return Reason(.inputsChanged, runner) }
        guard standing.report != .none else { return nil }
        return others(among: inputs, standing, names).map { Reason(.inputsChanged, $0.first) }
    }

    /// The dependencies that are others than a task consumed, as far as it is known which; nil where none is.
    private func others(among inputs: [TaskIndex], _ standing: Standing, _ names: Names) -> [TaskIndex]? {
        guard let consumed = standing.consumed else { return nil }
        let now = inputs.map { names.name(of: $0.position) }
        if consumed.isSame(as: now, nameless: standing.nameless.map { inputs.firstIndex(of: $0) }) { return nil }
        return zip(inputs, now).filter { !consumed.holds($1, wasNameless: standing.nameless.tells(of: $0)) }.map { $0.0 }
    }

    /// What is different from each task's report, and the dependencies whose reports are others than it consumed.
    public func changes(of tasks: [TaskIndex]) -> [(changes: Change, inputs: [TaskIndex])] {
        let names = Names(self)
        return tasks.map { task in
            guard let standing = standings[task], standing.report != .none else { return ([], []) }
            guard let others = others(among: plannedDependencies(of: task), standing, names) else { return (standing.changes, []) }
            return (standing.changes.union(.inputs), others)
        }
    }

    public func standing(of task: TaskIndex) -> Standing? { standings[task] }

    /// What tasks are called among what others consumed, before anything runs: a wrapper by what it needs.
    private final class Names {
        private let engine: Engine
        private var wrappers: [Int: ReportName] = [:]

        init(_ engine: Engine) { self.engine = engine }

        func name(of task: Int) -> ReportName? {
            guard engine.graph.kind[task] == .gathers else { return engine.standings[TaskIndex(task)]?.name }
            if let known = wrappers[task] { return known }
            // wrappers of wrappers: those that are needed come first
            var path = [task]
            while let wrapper = path.last {
                let inner = engine.graph.dependencies(of: wrapper).map { Int($0) }
                let unknown = inner.filter {
                    engine.graph.kind[$0] == .gathers && wrappers[$0] == nil && !path.contains($0)
                }
                if unknown.isEmpty {
                    wrappers[wrapper] = ConsumedReports.name(
                        ofAll: inner.map { wrappers[$0] ?? engine.standings[TaskIndex($0)]?.name })
                    path.removeLast()
                } else {
                    path += unknown
                }
            }
            return wrappers[task]
        }

        /// Whether a task runs again, or is a wrapper of such.
        func changes(_ task: Int, runs: (Int) -> Bool) -> Bool {
            if runs(task) { return true }
            guard engine.graph.kind[task] == .gathers else { return false }
            var open = [task], seen: Set<Int> = [task]
            while let wrapper = open.popLast() {
                for inner in engine.graph.dependencies(of: wrapper).map({ Int($0) }) where seen.insert(inner).inserted {
                    if runs(inner) { return true }
                    if engine.graph.kind[inner] == .gathers { open.append(inner) }
                }
            }
            return false
        }
    }
}
