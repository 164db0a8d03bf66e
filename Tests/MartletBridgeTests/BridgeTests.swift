import CPyShim
import Testing

@testable import MartletBridge

/// The bridge inside a CPython that this process starts.
@Suite(.serialized) struct BridgeTests {
    init() {
        if Py_IsInitialized() == 0 {
            PyImport_AppendInittab("_engine", { makeEngineModule() })
            Py_InitializeEx(0)
            _ = PyEval_SaveThread()  // tests run on any thread: each takes the GIL itself
        }
    }

    /// Runs Python statements; returns the text of `result`, or of the exception.
    private func python(_ code: String) -> String {
        let state = PyGILState_Ensure()
        defer { PyGILState_Release(state) }
        let names = PyDict_New()
        defer { Py_DecRef(names) }
        let wrapped = """
            try:
            \(code.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
            except BaseException as error:
                result = f'{type(error).__name__}: {error}'
            result = str(result)
            """
        let builtins = PyImport_ImportModule("builtins")
        defer { Py_DecRef(builtins) }
        PyDict_SetItemString(names, "__builtins__", builtins)
        guard let compiled = Py_CompileString(wrapped, "test", 257) else { return "does not compile" }
        defer { Py_DecRef(compiled) }
        Py_DecRef(PyEval_EvalCode(compiled, names, names))
        guard let text = PyDict_GetItemString(names, "result") else { return "no result" }
        do { return try PythonValue.string(text) } catch { return "no text: \(error)" }
    }

    private let start = "import _engine, struct\nrun = _engine.Run('{\"slots\":1,\"here\":true}')\n"

    @Test func plansAndRuns() {
        let answer = python(
            start + """
                i = lambda *n: struct.pack('<%di' % len(n), *n)
                # task 0 needs task 1
                run.plan((i(0, 1), bytes([1, 1]), i(0, 0), struct.pack('<2d', 0, 0), i(0, 0), i(1, 0), i(1)))
                assert run.planned(i(0), b'') == b''
                run.open_records('/tmp/martlet-bridge-test-never-written', '/tmp', '{}')
                result = struct.unpack('<2i', run.advance(b'', 0.0)), run.states()
                """)
        #expect(answer == #"((1, 1), b'\x02\x04')"#)
    }

    @Test func tellsACycle() {
        let answer = python(
            start + """
                i = lambda *n: struct.pack('<%di' % len(n), *n)
                run.plan((i(0, 1), bytes([1, 1]), i(0, 0), struct.pack('<2d', 0, 0), i(0, 0), i(1, 1), i(1, 0)))
                result = struct.unpack('<2i', run.planned(i(0), b''))
                """)
        #expect(answer == "(0, 1)")
    }

    @Test func looksAtManyPathsAtOnce() {
        let answer = python(
            start + """
                import os, tempfile
                d = tempfile.mkdtemp()
                open(d + '/a', 'w').close()
                paths = [d + '/a', d + '/b', d + '/a', d + '/a/x', d + '/' + 'n' * 300]
                result = struct.unpack('<4i', run.check(paths, struct.pack('<4i', 1, 2, 1, 1), struct.pack('<4i', 0, 1, 2, 3), 0, 0))
                """)
        #expect(answer == "(-1, 1, 3, -6)")
    }

    @Test(arguments: [
        ("run.check(['a'], b'', b'', 0, 0)", "TypeError: check(): the counts don't add up to the number of paths"),
        ("run.check(['a\\0b'], struct.pack('<i', 1), struct.pack('<i', 0), 0, 0)", "TypeError: check(): a path with a NUL character"),
        ("run.check(['a'])", "TypeError: check() takes 5 arguments, not 1"),
        ("run.check(['a'], struct.pack('<i', 1), b'', 0, 0)", "TypeError: check(): not as many tasks as counts"),
        ("run.plan((b'', b'x', b'', b'', b'', b'', b''))", "TypeError: plan(): columns of different lengths"),
        ("run.terms('{')", "RuntimeError"),
        ("run.terms(7)", "TypeError: bad argument type for built-in operation"),
        ("run.advance(b'\\x01\\0\\0\\0x', 0.0)", "RuntimeError: tooShort"),
        ("_engine.Run('{')", "ValueError"),
        ("_engine.Run()", "IndexError: tuple index out of range"),
        ("_engine.set_parent_death_signal(-5)", "OSError: prctl: Invalid argument"),
    ])
    func badCallsRaise(code: String, expected: String) {
        #expect(python(start + "result = " + code).hasPrefix(expected))
    }

    @Test func runsAreIndependentAndFreed() {
        let answer = python(
            start + """
                for _ in range(1000):
                    other = _engine.Run('{}')
                    other.terms('{"resources":{"gpu":1}}')
                t = '{"lane":2,"resources":{"gpu":%s},"retry":{"retries":{"1":3}}}'
                result = run.terms('{}'), run.terms(t % 1), run.terms(t % 1.0), run.terms(t % 2)
                """)
        #expect(answer == "(0, 1, 1, 2)")
    }
}
