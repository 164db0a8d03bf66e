import CPyShim
import MartletEngine
import MartletModel
import MartletRuntime

private let charter: mt_fastcall = { object, arguments, count in
    call(object, count, 2, "charter") { run in
        let family = FamilyIndex(UInt32(clamping: try PythonValue.integer(arguments?[0])))
        run.driver.charter(family, try Charter(json: try PythonValue.string(arguments?[1])))
        return mt_none()
    }
}

private func texts(_ list: PyRef?) throws -> [String] {
    let count = PyList_Size(list)
    guard count >= 0 else { throw PythonExceptionSet() }
    return try (0..<count).map { try PythonValue.string(PyList_GetItem(list, $0)) }
}

private let lookUp: mt_fastcall = { object, arguments, count in
    call(object, count, 5, "look_up") { run in
        let state = try PythonValue.string(arguments?[0])
        let indices = tasks(try PythonValue.int32s(arguments?[1]))
        let families = try PythonValue.int32s(arguments?[2]).map { FamilyIndex(UInt32(bitPattern: $0)) }
        let ids = try texts(arguments?[3]), anew = try PythonValue.integer(arguments?[4]) != 0
        guard indices.count == ids.count, indices.count == families.count else {
            throw BadCall(message: "look_up(): columns of different lengths")
        }
        let found = try withoutGIL { try run.driver.lookUp(indices, ids, families: families, state: state, anew: anew) }
        return PythonValue.make(
            bytes: found.map { standing, isNew in standing.report == .done ? (isNew ? 3 : 2) : standing.name != nil ? 1 : 0 })
    }
}

private let know: mt_fastcall = { object, arguments, count in
    call(object, count, 2, "know") { run in
        let task = TaskIndex(try PythonValue.integer(arguments?[0]))
        run.driver.know(try JobOrigin(json: try PythonValue.string(arguments?[1])), of: task)
        return mt_none()
    }
}

private let toName: PyCFunction = { object, _ in withRun(object) { PythonValue.make(numbers($0.driver.toName)) } }

private let name: PyCFunction = { object, list in
    withRun(object) { run in
        let ids = try texts(list)
        guard ids.count == run.driver.toName.count else { throw BadCall(message: "name(): not one id a task") }
        return PythonValue.make(bytes: withoutGIL { run.driver.name(ids) }.map { $0 ? 1 : 0 })
    }
}

private let takeFiles: mt_fastcall = { object, arguments, count in
    call(object, count, 2, "take_files") { run in
        let task = TaskIndex(try PythonValue.integer(arguments?[0]))
        let files = try (try JSON.parse(try PythonValue.string(arguments?[1])).array ?? []).map { try RecordedOutput(json: $0) }
        run.driver.take(files, of: task)
        return mt_none()
    }
}

private let differences: PyCFunction = { object, indices in
    withRun(object) { PythonValue.make($0.driver.differences(tasks(try PythonValue.int32s(indices)))) }
}

/// The methods of `Run` about what earlier runs have reported.
func reportMethods() -> [PyMethodDef] {
    [
        mt_def_fast(immortal("charter"), charter, nil),
        mt_def_fast(immortal("look_up"), lookUp, nil),
        mt_def_fast(immortal("know"), know, nil),
        mt_def_noargs(immortal("to_name"), toName, nil),
        mt_def_o(immortal("name"), name, nil),
        mt_def_fast(immortal("take_files"), takeFiles, nil),
        mt_def_o(immortal("differences"), differences, nil),
    ]
}
