import CPyShim
import MartletEngine
import MartletModel

/// Planned tasks as they cross the bridge: one column a property, see `_engine.pyi`.
enum PlannedColumns {
    static func read(_ tuple: PyRef?) throws -> [PlannedTask] {
        func column(_ n: Int) throws -> UnsafeRawBufferPointer { try PythonValue.bytes(PyTuple_GetItem(tuple, n)) }
        let index = try column(0), kind = try column(1), family = try column(2), priority = try column(3)
        let requirement = try column(4), count = try column(5), dependencies = try column(6)
        let rows = kind.count
        guard index.count == 4 * rows, family.count == 4 * rows, priority.count == 8 * rows,
            requirement.count == 4 * rows, count.count == 4 * rows
        else { throw BadCall(message: "plan(): columns of different lengths") }
        func int32(_ column: UnsafeRawBufferPointer, _ row: Int) -> Int32 {
            Int32(littleEndian: column.loadUnaligned(fromByteOffset: 4 * row, as: Int32.self))
        }
        var tasks: [PlannedTask] = []
        tasks.reserveCapacity(rows)
        var edge = 0
        for row in 0..<rows {
            guard let known = PlannedTask.Kind(rawValue: kind[row]) else {
                throw BadCall(message: "plan(): there is no kind \(kind[row])")
            }
            let needed = Int(int32(count, row))
            guard needed >= 0, 4 * (edge + needed) <= dependencies.count else {
                throw BadCall(message: "plan(): the column of dependencies is too short")
            }
            let bits = UInt64(littleEndian: priority.loadUnaligned(fromByteOffset: 8 * row, as: UInt64.self))
            tasks.append(
                PlannedTask(
                    TaskIndex(UInt32(bitPattern: int32(index, row))), known,
                    family: FamilyIndex(UInt32(bitPattern: int32(family, row))), priority: Double(bitPattern: bits),
                    terms: Int(int32(requirement, row)),
                    dependencies: (edge..<edge + needed).map { TaskIndex(UInt32(bitPattern: int32(dependencies, $0))) }))
            edge += needed
        }
        return tasks
    }
}
