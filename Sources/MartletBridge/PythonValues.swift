import CPyShim

/// A reference to a Python object; nil stands for "an exception is set".
public typealias PyRef = UnsafeMutablePointer<PyObject>

/// A Python exception is set; whoever catches this returns nil to Python.
struct PythonExceptionSet: Error {}

/// A call with arguments of the wrong kind or number: becomes a TypeError or ValueError.
struct BadCall: Error { let message: String }

/// Reading Python values. All need the GIL; buffers live as long as the object they come from. A nil object is the
/// result of a call that failed before: its exception is set.
enum PythonValue {
    static func integer(_ object: PyRef?) throws -> Int {
        guard let object else { throw PythonExceptionSet() }
        let value = PyLong_AsLong(object)
        if value == -1 && PyErr_Occurred() != nil { throw PythonExceptionSet() }
        return value
    }

    static func double(_ object: PyRef?) throws -> Double {
        guard let object else { throw PythonExceptionSet() }
        let value = PyFloat_AsDouble(object)
        if value == -1 && PyErr_Occurred() != nil { throw PythonExceptionSet() }
        return value
    }

    static func utf8(_ object: PyRef?) throws -> UnsafeBufferPointer<CChar> {
        guard let object else { throw PythonExceptionSet() }
        var count: Py_ssize_t = 0
        guard let start = PyUnicode_AsUTF8AndSize(object, &count) else { throw PythonExceptionSet() }
        return UnsafeBufferPointer(start: start, count: count)
    }

    static func string(_ object: PyRef?) throws -> String {
        String(decoding: UnsafeRawBufferPointer(try utf8(object)), as: UTF8.self)
    }

    static func bytes(_ object: PyRef?) throws -> UnsafeRawBufferPointer {
        guard let object else { throw PythonExceptionSet() }
        var start: UnsafeMutablePointer<CChar>?
        var count: Py_ssize_t = 0
        guard PyBytes_AsStringAndSize(object, &start, &count) == 0 else { throw PythonExceptionSet() }
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    /// The elements of an array of little-endian int32.
    static func int32s(_ object: PyRef?) throws -> [Int32] {
        let raw = try bytes(object)
        return (0..<raw.count / 4).map { Int32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
    }

    // MARK: making them; the result is a new reference, or nil with an exception set

    static func make(_ text: String) -> PyRef? {
        var text = text
        return text.withUTF8 { raw in
            raw.withMemoryRebound(to: CChar.self) { PyUnicode_FromStringAndSize($0.baseAddress, $0.count) }
        }
    }

    static func make(_ values: [Int32]) -> PyRef? {
        values.withUnsafeBytes { raw in
            PyBytes_FromStringAndSize(raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count)
        }
    }

    static func make(bytes: [UInt8]) -> PyRef? {
        bytes.withUnsafeBytes { raw in
            PyBytes_FromStringAndSize(raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count)
        }
    }

    /// Takes over both references.
    static func pair(_ first: PyRef?, _ second: PyRef?) -> PyRef? {
        guard let first, let second, let tuple = PyTuple_New(2) else {
            for part in [first, second] { if let part { Py_DecRef(part) } }
            return nil
        }
        // neither can fail: the tuple is new and has two places
        _ = PyTuple_SetItem(tuple, 0, first)
        _ = PyTuple_SetItem(tuple, 1, second)
        return tuple
    }

    static func raise(_ type: PyRef?, _ message: String) -> PyRef? {
        PyErr_SetString(type, message)
        return nil
    }
}

/// Runs `body` with the GIL released. Nothing in it may touch a Python object.
func withoutGIL<R>(_ body: () throws -> R) rethrows -> R {
    let state = PyEval_SaveThread()
    defer { PyEval_RestoreThread(state) }
    return try body()
}

/// A C string that lives for ever, as method tables need it.
func immortal(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// An array that lives for ever.
func immortal<T>(_ values: [T]) -> UnsafeMutablePointer<T> {
    let place = UnsafeMutablePointer<T>.allocate(capacity: values.count)
    place.initialize(from: values, count: values.count)
    return place
}
