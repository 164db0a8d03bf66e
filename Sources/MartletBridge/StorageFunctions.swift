import CPyShim
import MartletAssembly
import MartletModel
import MartletPorts
import MartletStorage
import MartletSystem

/// Wraps a function that takes exactly `count` arguments.
private func call(_ given: Int, _ count: Int, _ name: String, _ body: () throws -> PyRef?) -> PyRef? {
    do {
        guard given == count else { throw BadCall(message: "\(name)() takes \(count) arguments, not \(given)") }
        return try body()
    } catch let error as BadCall {
        return PythonValue.raise(mt_exc_TypeError(), error.message)
    } catch let error as StoreRequest.Malformed {
        return PythonValue.raise(mt_exc_ValueError(), error.reason)
    } catch let error as SystemError {
        return PythonValue.raise(mt_exc_OSError(), error.description)
    } catch is PythonExceptionSet {
        return nil
    } catch {
        return PythonValue.raise(mt_exc_ValueError(), "\(error)")
    }
}

/// Arguments: the request's object as JSON, its bytes, and None or what is called with how far transfers have come.
private let askStores: mt_fastcall = { _, arguments, count in
    call(count, 3, "ask_stores") {
        let request = try StoreRequest(
            try JSON.parse(try PythonValue.string(arguments?[0])), bytes: [UInt8](try PythonValue.bytes(arguments?[1])))
        let listener = arguments?[2]
        let stores = Assembly.stores(attention: PythonAttention.isWanted)
        let answer = withoutGIL { request.answer(from: stores) { PythonListener.tell(listener, $0) } }
        try PythonAttention.raisePending()
        return PythonValue.pair(PythonValue.make(answer.header.text), PythonValue.make(bytes: answer.bytes))
    }
}

private enum PythonListener {
    /// Calls it with four numbers. What it raises stays set and ends the transfer, as a signal's handler would.
    static func tell(_ listener: PyRef?, _ progress: TransferProgress) {
        guard let listener, mt_is_none(listener) == 0 else { return }
        let state = PyGILState_Ensure()
        defer { PyGILState_Release(state) }
        if PyErr_Occurred() != nil { return }
        let numbers = [
            Int(clamping: progress.bytesDone), Int(clamping: progress.bytesTotal), progress.filesDone,
            progress.filesTotal,
        ]
        guard let tuple = PyTuple_New(numbers.count) else { return }
        defer { Py_DecRef(tuple) }
        for (place, number) in numbers.enumerated() {
            guard let value = PyLong_FromLong(number), PyTuple_SetItem(tuple, place, value) == 0 else { return }
        }
        if let answer = PyObject_CallObject(listener, tuple) { Py_DecRef(answer) }
    }
}

/// Argument: {"commands": {kind: [program, argument, …]}, "patience": seconds}
private let launchCouriers: PyCFunction = { _, text in
    call(1, 1, "launch_couriers") {
        let json = try JSON.parse(try PythonValue.string(text))
        var commands: [String: [String]] = [:]
        for member in json["commands"]?.members ?? [] {
            commands[member.name] = (member.value.array ?? []).compactMap(\.string)
        }
        CourierPool.shared.launch(by: commands, patience: json["patience"]?.double)
        return mt_none()
    }
}

/// Argument: a location in a remote store.
private let expectCourier: PyCFunction = { _, location in
    call(1, 1, "expect_courier") {
        let target = TargetRef(try PythonValue.string(location))
        withoutGIL { Assembly.expect(target) }
        return mt_none()
    }
}

private let setStores: PyCFunction = { _, text in
    call(1, 1, "set_stores") {
        CourierPool.shared.settings(try JSON.parse(try PythonValue.string(text)))
        return mt_none()
    }
}

/// Argument: 0 before fork(2), 1 after it in the parent, 2 in the child.
private let couriersAtFork: PyCFunction = { _, phase in
    call(1, 1, "couriers_at_fork") {
        switch try PythonValue.integer(phase) {
        case 0: CourierPool.shared.beforeFork()
        case 1: CourierPool.shared.afterForkInParent()
        default: CourierPool.shared.afterForkInChild()
        }
        return mt_none()
    }
}

private let endCouriers: PyCFunction = { _, _ in
    withoutGIL { CourierPool.shared.endIdle() }
    return mt_none()
}

/// Argument: a connected socket. Returns when the other end has hung up.
private let serveStores: PyCFunction = { _, socket in
    call(1, 1, "serve_stores") {
        let socket = Int32(clamping: try PythonValue.integer(socket))
        try withoutGIL { try Assembly.serveStores(socket) }
        return mt_none()
    }
}

private let withoutCredentials: PyCFunction = { _, location in
    call(1, 1, "without_credentials") {
        PythonValue.make(TargetRef(try PythonValue.string(location)).withoutCredentials)
    }
}

/// Functions of the module that have to do with stores.
func storageFunctions() -> [PyMethodDef] {
    [
        mt_def_fast(immortal("ask_stores"), askStores, nil),
        mt_def_o(immortal("launch_couriers"), launchCouriers, nil),
        mt_def_o(immortal("expect_courier"), expectCourier, nil),
        mt_def_o(immortal("set_stores"), setStores, nil),
        mt_def_o(immortal("couriers_at_fork"), couriersAtFork, nil),
        mt_def_noargs(immortal("end_couriers"), endCouriers, nil),
        mt_def_o(immortal("serve_stores"), serveStores, nil),
        mt_def_o(immortal("without_credentials"), withoutCredentials, nil),
    ]
}
