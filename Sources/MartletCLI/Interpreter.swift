import Glibc
import MartletModel
import MartletSystem

/// A Python and, where it has one, the library with which it can run inside this process.
struct Interpreter: Equatable {
    /// As it was found, symbolic links unresolved: a virtual environment is known by this path.
    var executable: String
    /// Why this one.
    var origin: Origin
    /// Its libpython; nil where it has none or where it is a script: then it is started in our place.
    var library: String?

    enum Origin: String {
        case variable = "MARTLET_PYTHON"
        case beside = "beside this program"
        case environment = "VIRTUAL_ENV"
        case path = "PATH"
    }

    /// - Parameters:
    ///   - environment: looks a variable up; empty values count as absent.
    ///   - program: this executable, symbolic links resolved.
    /// - Throws: `pythonNotFound` when there is none, `pythonNotUsable` when the one that was asked for is no
    ///   program or too old.
    static func choose(environment: (String) -> String?, program: String) throws(Diagnostic) -> Interpreter {
        func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }

        if let wanted = value("MARTLET_PYTHON") {
            guard let found = wanted.contains("/") ? wanted : search(wanted, path: value("PATH")) else {
                throw Diagnostic(.pythonNotFound, subject: wanted, cause: "MARTLET_PYTHON names it, PATH has no such program")
            }
            return try usable(found, .variable)
        }
        let folder = Directory.parent(of: program)
        for name in ["python3", "python"] where isProgram("\(folder)/\(name)") {
            return try usable("\(folder)/\(name)", .beside)
        }
        if let active = value("VIRTUAL_ENV") { return try usable("\(active)/bin/python", .environment) }
        guard let found = search("python3", path: value("PATH")) else {
            throw Diagnostic(.pythonNotFound, subject: "python3", cause: "PATH has no such program")
        }
        return try usable(found, .path)
    }

    /// The oldest Python that Martlet supports, 3.x.
    static let oldestMinor = 10

    private static func usable(_ executable: String, _ origin: Origin) throws(Diagnostic) -> Interpreter {
        guard isProgram(executable) else {
            let cause = access(executable, F_OK) == 0 ? "it is not executable" : "there is no such file"
            throw Diagnostic(.pythonNotUsable, subject: executable, cause: "\(cause) (\(origin.rawValue))")
        }
        guard let real = Path.resolved(executable), let name = VersionedName(Path.name(of: real)) else {
            // a wrapper script or a name without a version: it knows itself what it runs
            return Interpreter(executable: executable, origin: origin, library: nil)
        }
        guard name.minor >= oldestMinor else {
            throw Diagnostic(
                .pythonNotUsable, subject: executable,
                cause: "it is Python 3.\(name.minor), Martlet needs 3.\(oldestMinor) or later (\(origin.rawValue))")
        }
        let prefix = Directory.parent(of: Directory.parent(of: real))
        let library = name.libraries(prefix: prefix).first { access($0, R_OK) == 0 }
        return Interpreter(executable: executable, origin: origin, library: library)
    }

    private static func isProgram(_ path: String) -> Bool {
        access(path, X_OK) == 0 && !Directory.isDirectory(path)
    }

    private static func search(_ name: String, path: String?) -> String? {
        for folder in (path ?? "").split(separator: ":") where isProgram("\(folder)/\(name)") {
            return "\(folder)/\(name)"
        }
        return nil
    }
}

/// The file name of an installed CPython, `python3.11` or `python3.13t`, and what follows from it.
///
/// Asking the interpreter itself would cost a process start (12-25 ms) before every run. An installation puts its
/// library where this looks; where it does not, nothing is lost: the interpreter is started in our place.
struct VersionedName: Equatable {
    var minor: Int
    /// `t`, `d` or both: ABI flags, part of the library's name.
    var flags: String

    init?(_ name: String) {
        guard name.hasPrefix("python3.") else { return nil }
        let rest = name.dropFirst("python3.".count)
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        flags = String(rest.dropFirst(digits.count))
        guard let number = Int(digits), ["", "t", "d", "td"].contains(flags) else { return nil }
        minor = number
    }

    /// Where the library of an interpreter installed under `prefix` is, likeliest place first.
    func libraries(prefix: String) -> [String] {
        let file = "libpython3.\(minor)\(flags).so.1.0"
        return ["lib", "lib/\(VersionedName.multiarch)", "lib64"].map { "\(prefix)/\($0)/\(file)" }
    }

    /// Debian's name of the architecture.
    static var multiarch: String {
        #if arch(arm64)
            "aarch64-linux-gnu"
        #else
            "x86_64-linux-gnu"
        #endif
    }
}
