import CPyShim
import MartletModel
import MartletPorts
import MartletRuntime

/// Looks at the outputs of many tasks in one pass.
enum Presence {
    /// Keeps, for `Run.unreachable`, why something could not be looked at.
    /// - Parameter locations: a Python list of str: paths and URLs.
    /// - Parameter isAnew: what was seen while planning does not count.
    static func look(at locations: PyRef?, for run: RunState, anew isAnew: Bool) throws -> [Existence] {
        let count = PyList_Size(locations)
        guard count >= 0 else { throw PythonExceptionSet() }
        var targets: [TargetRef] = []
        targets.reserveCapacity(count)
        for i in 0..<count {
            let text = try PythonValue.utf8(PyList_GetItem(locations, i))
            guard !text.contains(0) else { throw BadCall(message: "check(): a path with a NUL character") }
            targets.append(TargetRef(String(decoding: UnsafeRawBufferPointer(text), as: UTF8.self)))
        }
        let stores = run.driver.adapters.stores, planning = isAnew ? nil : run.planning
        let found = withoutGIL { stores.look(targets, while: planning) }
        try PythonAttention.raisePending()
        run.unreachable = [:]
        for (place, answer) in found.enumerated() {
            if case .unknown(let error) = answer { run.unreachable[place] = error }
        }
        return found
    }

    /// As `martlet.running.completeness` reads it.
    static func number(_ existence: Existence) -> UInt8 {
        switch existence {
        case .absent: return 0
        case .there: return 1
        case .unknown: return 2
        }
    }

    /// Claims what incomplete tasks name for them.
    /// - Parameter answers: of `check` for the same paths.
    /// - Parameter everything: what complete tasks name is claimed too.
    static func claim(
        _ paths: PyRef?, _ counts: [Int32], for tasks: [Int32], answers: [Int32], everything: Bool,
        in claims: inout OutputClaims
    ) throws {
        guard tasks.count == counts.count else { throw BadCall(message: "check(): not as many tasks as counts") }
        var at = 0
        for (task, (count, answer)) in zip(tasks, zip(counts, answers)) {
            if answer >= 0 || everything {
                for place in at..<at + Int(count) {
                    let path = UnsafeRawBufferPointer(try PythonValue.utf8(PyList_GetItem(paths, place)))
                    claims.claim(path, by: TaskIndex(UInt32(bitPattern: task)))
                }
            }
            at += Int(count)
        }
    }

    /// - Parameter counts: for each task, how many of the next locations are its outputs.
    /// - Returns: for each task -1 when all are there, the place of the first absent one, or -2 - the place of the
    ///   first that could not be looked at.
    static func summarise(_ answers: [Existence], _ counts: [Int32]) throws -> [Int32] {
        guard counts.reduce(0, { $0 + Int($1) }) == answers.count, counts.allSatisfy({ $0 >= 0 }) else {
            throw BadCall(message: "check(): the counts don't add up to the number of paths")
        }
        var at = 0
        return counts.map { count in
            defer { at += Int(count) }
            for place in at..<at + Int(count) {
                switch answers[place] {
                case .there: continue
                case .absent: return Int32(place)
                case .unknown: return -2 - Int32(place)
                }
            }
            return -1
        }
    }
}
