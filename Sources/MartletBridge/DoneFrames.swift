import CPyShim
import Glibc
import MartletEngine
import MartletModel
import MartletRuntime
import MartletSystem

/// Outcome frames of tasks that ran one after another in this process and ended well, made all at once: their outputs
/// are looked at in one pass.
enum DoneFrames {
    /// One row of `martlet.running.series`.
    private struct Row {
        let task: TaskIndex
        let ended: Stamp
        let log: (begin: Int, end: Int)
        let path: UnsafePointer<CChar>
        let pathLength: Int
        let members: UnsafeRawBufferPointer
    }

    /// - Parameter rows: a Python list of tuples (task, stamp at its end, begin and end of its log, path, members).
    ///   Where the path is empty nothing is looked at.
    /// - Parameter since: the stamp at which the first of them began.
    /// - Parameter epoch: nanoseconds from the beginning of the monotonic clock to 1970-01-01 UTC, to be added.
    /// - Returns: the frames, and the places of rows whose output is not there: those have no frame.
    static func make(rows list: PyRef?, since: PyRef?, epoch: Int) throws -> (frames: [UInt8], absent: [Int32]) {
        let count = PyList_Size(list)
        guard count >= 0 else { throw PythonExceptionSet() }
        let rows = try (0..<count).map { try row(PyList_GetItem(list, $0)) }
        let found = withoutGIL { rows.map(\.path).withUnsafeBufferPointer { StatMany.found(at: $0) } }
        var frames: [UInt8] = []
        frames.reserveCapacity(count * 512)
        var absent: [Int32] = []
        var before = try Stamp(since)
        for (place, row) in rows.enumerated() {
            // a name that C reads only in part cannot have been looked at
            if row.pathLength == 0 || (found[place] != nil && strlen(row.path) == row.pathLength) {
                append(row, found[place], since: before, epoch: epoch, to: &frames)
            } else {
                absent.append(Int32(place))
            }
            before = row.ended
        }
        return (frames, absent)
    }

    private static func row(_ tuple: PyRef?) throws -> Row {
        let path = try PythonValue.utf8(PyTuple_GetItem(tuple, 4))
        let members = try PythonValue.utf8(PyTuple_GetItem(tuple, 5))
        return Row(
            task: TaskIndex(try PythonValue.integer(PyTuple_GetItem(tuple, 0))),
            ended: try Stamp(PyTuple_GetItem(tuple, 1)),
            log: (try PythonValue.integer(PyTuple_GetItem(tuple, 2)), try PythonValue.integer(PyTuple_GetItem(tuple, 3))),
            path: path.baseAddress!, pathLength: path.count, members: UnsafeRawBufferPointer(members))
    }

    private static func append(
        _ row: Row, _ status: PathStatus?, since: Stamp, epoch: Int, to frames: inout [UInt8]
    ) {
        OutcomeFrame.append(
            to: &frames, task: row.task, start: Int64(since.clock * 1e9) + Int64(epoch),
            wall: row.ended.clock - since.clock, cpu: row.ended.cpu - since.cpu, peak: UInt64(clamping: row.ended.peak),
            log: (UInt64(clamping: row.log.begin), UInt64(clamping: row.log.end - row.log.begin))
        ) { frames in
            frames.append(contentsOf: row.members)
            guard let status else { return }
            var writer = JSONWriter(appendingTo: frames, afterMember: true)
            frames = []
            writer.name(literal: "outputs")
            writer.beginArray()
            writer.beginArray()
            writer.string(repairing: UnsafeRawBufferPointer(start: row.path, count: row.pathLength))
            writer.integer(status.size)
            writer.integer(status.modified)
            writer.endArray()
            writer.endArray()
            frames = writer.bytes
        }
    }
}

/// What a process had used up at a moment: (seconds of the monotonic clock, seconds of CPU, peak memory in kB).
struct Stamp {
    let clock: Double
    let cpu: Double
    let peak: Int

    init(_ tuple: PyRef?) throws {
        clock = try PythonValue.double(PyTuple_GetItem(tuple, 0))
        cpu = try PythonValue.double(PyTuple_GetItem(tuple, 1))
        peak = try PythonValue.integer(PyTuple_GetItem(tuple, 2))
    }

    /// Now, as a Python tuple: a new reference, or nil with an exception set.
    static func now() -> PyRef? {
        let used = ProcessUsage.now()
        guard let tuple = PyTuple_New(3) else { return nil }
        let clock = Double(SystemClock().monotonic()) / 1e9
        guard let first = PyFloat_FromDouble(clock), PyTuple_SetItem(tuple, 0, first) == 0,
            let second = PyFloat_FromDouble(used.cpu), PyTuple_SetItem(tuple, 1, second) == 0,
            let third = PyLong_FromLong(used.peak), PyTuple_SetItem(tuple, 2, third) == 0
        else {
            Py_DecRef(tuple)
            return nil
        }
        return tuple
    }
}
