import MartletEngine
import MartletModel

/// A small world around an engine: one worker that runs what it is given.
struct World {
    var engine: Engine
    var started: [TaskIndex] = []
    var actions: [Action] = []

    init(_ settings: Settings = Settings(), workers: Int = 1) {
        engine = Engine(settings)
        for w in 0..<workers {
            _ = engine.handle([.workerJoined(WorkerID(UInt32(w)), lane: .worker, capacity: 1, ahead: true)])
        }
    }

    mutating func tell(_ events: Event...) {
        let new = engine.handle(events)
        for case .start(let task, _) in new { started.append(task) }
        actions += new
    }

    mutating func plan(_ tasks: [PlannedTask], roots: [Int] = [0], until: Set<FamilyIndex> = []) {
        tell(.planned(tasks), .planEnded(roots: roots.map { TaskIndex($0) }, until: until))
    }

    /// Plans tasks that are tried once, whatever happens.
    mutating func planOnce(_ tasks: [PlannedTask]) {
        let once = engine.number(of: Terms(retry: .never))
        plan(
            tasks.map { task in
                var task = task
                task.terms = once
                return task
            })
    }

    /// Lets everything that is started end well, until the run ends.
    mutating func finish(failing: Set<Int> = []) {
        var next = 0
        while next < started.count {
            let task = started[next]
            next += 1
            guard engine.states[task.position] == .running else { continue }
            tell(.ended(task, Outcome(failing.contains(task.position) ? .raised : .done, wall: 1)))
        }
    }

    func state(_ i: Int) -> TaskState { engine.states[i] }
    func reason(_ i: Int) -> Reason { engine.reason(of: TaskIndex(i)) }
}

func task(_ i: Int, _ kind: PlannedTask.Kind = .outputAbsent, needs: [Int] = [], family: Int = 0, priority: Double = 0)
    -> PlannedTask
{
    PlannedTask(
        TaskIndex(i), kind, family: FamilyIndex(family), priority: priority, dependencies: needs.map { TaskIndex($0) })
}
