import ArgumentParser
import Glibc
import MartletModel
import MartletSystem

/// Turns this process into `python ARGUMENTS…`.
enum PythonHandover {
    /// Chooses a Python and becomes it.
    /// - Returns: the exit code, when Python ran inside this process; the process should end with it at once.
    /// - Throws: `pythonNotFound` or `pythonNotUsable`.
    static func run(_ arguments: [String]) throws(Diagnostic) -> Int32 {
        let debug = Environment.get("MARTLET_DEBUG").map { !$0.isEmpty && $0 != "0" } ?? false
        let python = try Interpreter.choose(
            environment: Environment.get, program: Path.resolved("/proc/self/exe") ?? CommandLine.arguments[0])
        if debug {
            Terminal.complain(
                "martlet: python \(python.executable) (\(python.origin.rawValue)), "
                    + (python.library.map { "inside this process with \($0)" } ?? "started in place of this process"))
        }
        // argv[0] is the interpreter: Python finds pyvenv.cfg beside it, and sys.executable is a real Python,
        // so that what starts children with it (multiprocessing, subprocess) works
        let words = CStrings([python.executable] + arguments)
        if let library = python.library { return try embed(library, words) }
        execv(python.executable, words.pointers)
        throw Diagnostic(.pythonNotUsable, subject: python.executable, cause: String(cString: strerror(errno)))
    }

    /// Runs Python code that starts this program anew, with its own path and arguments behind the code.
    /// - Returns: what to end with when Python came back instead, having said why.
    static func exit(asking code: String) throws(Diagnostic) -> ExitCode {
        let program = Path.resolved("/proc/self/exe") ?? CommandLine.arguments[0]
        return ExitCode(try run(["-c", code, program] + CommandLine.arguments.dropFirst()))
    }

    private typealias Main = @convention(c) (Int32, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32

    private static func embed(_ library: String, _ words: CStrings) throws(Diagnostic) -> Int32 {
        // RTLD_GLOBAL: extension modules look for Python's symbols in the process, they do not link libpython
        guard let handle = dlopen(library, RTLD_LAZY | RTLD_GLOBAL), let symbol = dlsym(handle, "Py_BytesMain") else {
            throw Diagnostic(
                .pythonNotUsable, subject: library, cause: dlerror().map { String(cString: $0) } ?? "Py_BytesMain is missing")
        }
        // dlsym knows no types; the signature is that of Python's documentation, unchanged since 3.8
        return unsafeBitCast(symbol, to: Main.self)(words.count, words.pointers)
    }
}

/// Words as C wants them for exec and main: NULL-terminated, alive until the process ends.
struct CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    let count: Int32

    init(_ words: [String]) {
        pointers = .allocate(capacity: words.count + 1)
        for (i, word) in words.enumerated() { (pointers + i).initialize(to: strdup(word)) }
        (pointers + words.count).initialize(to: nil)
        count = Int32(words.count)
    }
}
