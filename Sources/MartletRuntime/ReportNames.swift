import MartletEngine
import MartletModel

/// What the newest reports of a run's tasks are called among what others consumed: of those that ran in it by their
/// records, of those that were complete before by what was looked up.
struct ReportNames {
    private static let none: UInt32 = 0
    /// Stands in the column for tasks that were asked about, and have no record of this run.
    private static let asked = UInt32.max

    /// Of the records whose numbers are below.
    private var segment = ""
    /// By task, the number of its record in this run.
    private var numbers: [UInt32] = []
    private var earlier: [TaskIndex: ReportName] = [:]
    /// What there is of tasks that no report tells of.
    private var files: [TaskIndex: [RecordedOutput]] = [:]
    private var wrappers: [TaskIndex: ReportName] = [:]

    /// A job has recorded it, in a segment of its own.
    mutating func record(_ task: TaskIndex, elsewhere name: ReportName) {
        reach(task)
        numbers[task.position] = ReportNames.asked
        earlier[task] = name
    }

    mutating func record(_ task: TaskIndex, at place: ReportPlace) {
        if place.segment != segment { begin(place.segment) }
        reach(task)
        numbers[task.position] = UInt32(clamping: place.number)
    }

    /// Further records stand in another segment: those so far keep their names.
    private mutating func begin(_ other: String) {
        for place in numbers.indices where numbers[place] != ReportNames.none && numbers[place] != ReportNames.asked {
            earlier[TaskIndex(place)] = ReportName(segment: segment, number: UInt64(numbers[place]))
            numbers[place] = ReportNames.asked
        }
        segment = other
    }

    mutating func know(_ task: TaskIndex, _ name: ReportName?) {
        reach(task)
        if numbers[task.position] == ReportNames.none { numbers[task.position] = ReportNames.asked }
        earlier[task] = name
    }

    /// Files in place of a report: their names, sizes and times tell them apart. - Returns: what that is called.
    mutating func know(_ task: TaskIndex, files made: [RecordedOutput]) -> ReportName? {
        files[task] = made.isEmpty ? nil : made
        var text = ""
        for file in made { text += "\(file.path)\0\(file.size ?? -1)\0\(file.modified ?? -1)\n" }
        let name = made.isEmpty ? nil : ReportName(digestOf: Array(text.utf8))
        know(task, name)
        return name
    }

    /// Tasks among these, wrappers seen through, of which nobody has told yet. None is named twice.
    mutating func unknown(among tasks: [TaskIndex], _ engine: Engine) -> [TaskIndex] {
        var unknown: [TaskIndex] = []
        var open = tasks
        while let task = open.popLast() {
            reach(task)
            guard numbers[task.position] == ReportNames.none else { continue }
            numbers[task.position] = ReportNames.asked
            if engine.gathers(task) { open += engine.plannedDependencies(of: task) } else { unknown.append(task) }
        }
        return unknown
    }

    struct Consumed {
        var reports: ConsumedReports
        /// How many have no name.
        var nameless: Int
        /// Of tasks that no report tells of.
        var files: [RecordedOutput]
    }

    /// What a task consumes, as it is when it ends; nil where it needs nothing.
    mutating func consumed(by inputs: [TaskIndex], _ engine: Engine) -> Consumed? {
        if inputs.isEmpty { return nil }
        var names: [ReportName?] = []
        names.reserveCapacity(inputs.count)
        for task in inputs { names.append(name(of: task, engine)) }
        return Consumed(
            reports: ConsumedReports(names), nameless: names.count { $0 == nil },
            files: files.isEmpty ? [] : inputs.flatMap { files[$0] ?? [] })
    }

    private mutating func name(of task: TaskIndex, _ engine: Engine) -> ReportName? {
        guard engine.gathers(task) else { return ownName(of: task) }
        var path = [task]
        while let wrapper = path.last {
            let inner = engine.plannedDependencies(of: wrapper)
            let unknown = inner.filter { engine.gathers($0) && wrappers[$0] == nil && !path.contains($0) }
            if unknown.isEmpty {
                wrappers[wrapper] = ConsumedReports.name(ofAll: inner.map { wrappers[$0] ?? ownName(of: $0) })
                path.removeLast()
            } else {
                path += unknown
            }
        }
        return wrappers[task]
    }

    private func ownName(of task: TaskIndex) -> ReportName? {
        guard task.position < numbers.count else { return earlier[task] }
        let number = numbers[task.position]
        if number == ReportNames.none || number == ReportNames.asked { return earlier[task] }
        return ReportName(segment: segment, number: UInt64(number))
    }

    private mutating func reach(_ task: TaskIndex) {
        if task.position >= numbers.count {
            numbers.append(contentsOf: repeatElement(ReportNames.none, count: task.position + 1 - numbers.count))
        }
    }
}
