import CPyShim
import Glibc
import MartletSystem

/// Looks at the local outputs of many tasks in one pass.
enum Presence {
    /// - Parameter paths: a Python list of str.
    /// - Parameter counts: for each task, how many of the next paths are its outputs.
    /// - Returns: for each task -1 when all are there, the place of the first absent path, or -2 - the place of the
    ///   first that could not be looked at.
    static func check(paths list: PyRef?, counts: [Int32]) throws -> [Int32] {
        let count = PyList_Size(list)
        guard count >= 0 else { throw PythonExceptionSet() }
        guard counts.reduce(0, { $0 + Int($1) }) == count, counts.allSatisfy({ $0 >= 0 }) else {
            throw BadCall(message: "check(): the counts don't add up to the number of paths")
        }
        // another thread may change the list while the GIL is released; the tuple keeps the strings alive
        guard let held = PyList_AsTuple(list) else { throw PythonExceptionSet() }
        defer { Py_DecRef(held) }
        let pointers = UnsafeMutableBufferPointer<UnsafePointer<CChar>>.allocate(capacity: count)
        defer { pointers.deallocate() }
        for i in 0..<count {
            let text = try PythonValue.utf8(PyTuple_GetItem(held, i))
            guard let start = text.baseAddress, strlen(start) == text.count else {
                throw BadCall(message: "check(): a path with a NUL character")
            }
            pointers.initializeElement(at: i, to: start)
        }
        let codes = withoutGIL { StatMany.presence(of: UnsafeBufferPointer(pointers)) }
        return summarise(codes, counts)
    }

    private static func summarise(_ codes: [Int32], _ counts: [Int32]) -> [Int32] {
        var at = 0
        return counts.map { count in
            defer { at += Int(count) }
            guard let first = (at..<at + Int(count)).first(where: { codes[$0] != 0 }) else { return -1 }
            let isAbsent = codes[first] == ENOENT || codes[first] == ENOTDIR
            return isAbsent ? Int32(first) : -2 - Int32(first)
        }
    }
}
