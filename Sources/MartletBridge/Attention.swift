import CPyShim
import MartletStorage

/// Lets signals reach Python while a call waits for a store with the GIL released.
enum PythonAttention {
    /// Runs handlers of signals that have come, on the main thread. Whether one of them raised: the exception stays set,
    /// and whoever made the call finds it with `raisePending`.
    static let isWanted: Attention = {
        let state = PyGILState_Ensure()
        defer { PyGILState_Release(state) }
        // an exception that is set already must not be seen by handlers
        return PyErr_Occurred() != nil || PyErr_CheckSignals() != 0
    }

    /// - Throws: what a handler raised meanwhile.
    static func raisePending() throws { if PyErr_Occurred() != nil { throw PythonExceptionSet() } }
}
