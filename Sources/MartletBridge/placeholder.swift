import CPyShim
public func makeEngineModule() -> UnsafeMutablePointer<PyObject>? { nil }
