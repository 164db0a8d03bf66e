import CPyShim
import MartletAssembly
import MartletModel
import MartletPorts
import MartletRuntime

/// What a Python `Run` owns.
final class RunState {
    let driver: Driver
    var claims = OutputClaims()
    /// As long as the plan is made, what was seen of a remote store counts.
    let planning = PlanningID.fresh()
    /// Of the locations that were looked at last, by their places: why it could not be found out whether they are there.
    var unreachable: [Int: StorageError] = [:]
    /// A call is under way with the GIL released: another thread must keep out.
    var isBusy = false
    /// The run of an earlier slice of the same job, until its records are gone on with.
    var previous: Driver?
    init(_ driver: Driver) { self.driver = driver }
}

/// The memory of a `Run`: Python's header, then one reference to a `RunState`.
private func slot(of object: PyRef) -> UnsafeMutablePointer<Unmanaged<RunState>?> {
    UnsafeMutableRawPointer(object).advanced(by: MemoryLayout<PyObject>.size)
        .assumingMemoryBound(to: Unmanaged<RunState>?.self)
}

/// Calls `body` with the run behind `self`, and turns what it throws into Python exceptions.
func withRun(_ object: PyRef?, _ body: (RunState) throws -> PyRef?) -> PyRef? {
    guard let object, let state = slot(of: object).pointee?.takeUnretainedValue() else {
        return PythonValue.raise(mt_exc_RuntimeError(), "this Run was not made by its constructor")
    }
    if state.isBusy { return PythonValue.raise(mt_exc_RuntimeError(), "this Run is used by another thread") }
    return raising { try body(state) }
}

private let make: newfunc = { type, arguments, _ in
    do {
        let options = try PythonValue.string(PyTuple_GetItem(arguments, 0))
        let driver = Driver(try DriverOptions(json: options), Assembly.adapters(attention: PythonAttention.isWanted))
        guard let object = PyType_GenericAlloc(type, 0) else { return nil }
        slot(of: object).initialize(to: Unmanaged.passRetained(RunState(driver)))
        return object
    } catch is PythonExceptionSet {
        return nil
    } catch {
        return PythonValue.raise(mt_exc_ValueError(), "options: \(error)")
    }
}

private let free: destructor = { object in
    guard let object else { return }
    let type = PyObject_Type(object)
    slot(of: object).pointee?.release()
    PyObject_Free(object)
    Py_DecRef(type)  // what PyObject_Type gave
    Py_DecRef(type)  // what each instance of a heap type holds
}

/// The type `martlet._engine.Run`; a new reference, or nil with an exception set.
func makeRunType() -> PyRef? {
    let slots = immortal([
        // the stable ABI takes functions as void pointers
        PyType_Slot(slot: Py_tp_new, pfunc: unsafeBitCast(make, to: UnsafeMutableRawPointer.self)),
        PyType_Slot(slot: Py_tp_dealloc, pfunc: unsafeBitCast(free, to: UnsafeMutableRawPointer.self)),
        PyType_Slot(slot: Py_tp_methods, pfunc: UnsafeMutableRawPointer(immortal(runMethods()))),
        PyType_Slot(),
    ])
    var spec = PyType_Spec(
        name: immortal("martlet._engine.Run"),
        basicsize: Int32(MemoryLayout<PyObject>.size + MemoryLayout<UnsafeRawPointer>.size), itemsize: 0,
        flags: UInt32(Py_TPFLAGS_DEFAULT), slots: slots)
    return PyType_FromSpec(&spec)
}
