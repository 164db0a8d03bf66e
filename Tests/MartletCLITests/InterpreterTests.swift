import MartletModel
import Testing

@testable import MartletCLI

@Suite struct InterpreterTests {
    let folder: TemporaryFolder
    /// An installation with a shared library.
    let installed: String
    let library: String

    init() throws {
        folder = try TemporaryFolder()
        installed = try folder.program("opt/bin/python3.12")
        library = try folder.file("opt/lib/libpython3.12.so.1.0")
    }

    func choose(_ environment: [String: String] = [:], program: String = "/nowhere/bin/martlet") throws -> Interpreter {
        try Interpreter.choose(environment: { environment[$0] }, program: program)
    }

    func venv(_ name: String) throws -> String {
        try folder.link("\(name)/bin/python3", to: installed)
        try folder.link("\(name)/bin/python", to: "python3")
        return "\(folder.path)/\(name)"
    }

    @Test func prefersTheVariableThenTheNeighbourThenTheActiveEnvironmentThenPath() throws {
        let beside = try venv("beside")
        let active = try venv("active")
        let named = try venv("named")
        try folder.program("path/python3")
        var environment = [
            "MARTLET_PYTHON": "\(named)/bin/python", "VIRTUAL_ENV": active, "PATH": "\(folder.path)/path",
        ]
        let program = "\(beside)/bin/martlet"

        var chosen = try choose(environment, program: program)
        #expect(chosen.origin == .variable && chosen.executable == "\(named)/bin/python")

        environment["MARTLET_PYTHON"] = ""
        chosen = try choose(environment, program: program)
        #expect(chosen.origin == .beside && chosen.executable == "\(beside)/bin/python3")

        chosen = try choose(environment)
        #expect(chosen.origin == .environment && chosen.executable == "\(active)/bin/python")

        environment["VIRTUAL_ENV"] = nil
        chosen = try choose(environment)
        #expect(chosen.origin == .path && chosen.executable == "\(folder.path)/path/python3")
    }

    @Test func findsTheLibraryOfTheInstallationBehindAVirtualEnvironment() throws {
        let active = try venv("active")
        #expect(try choose(["VIRTUAL_ENV": active]).library == library)
    }

    @Test(arguments: ["lib64", "lib/\(VersionedName.multiarch)"])
    func findsTheLibraryWhereDistributionsPutIt(place: String) throws {
        let program = try folder.program("usr/bin/python3.11")
        let library = try folder.file("usr/\(place)/libpython3.11.so.1.0")
        #expect(try choose(["MARTLET_PYTHON": program]).library == library)
    }

    @Test func takesNoLibraryOfAnotherVersionOrBuild() throws {
        try folder.file("usr/lib/libpython3.11.so.1.0")
        let other = try folder.program("usr/bin/python3.13t")
        #expect(try choose(["MARTLET_PYTHON": other]).library == nil)
        let own = try folder.file("usr/lib/libpython3.13t.so.1.0")
        #expect(try choose(["MARTLET_PYTHON": other]).library == own)
    }

    @Test func startsWrapperScriptsInItsPlace() throws {
        let shim = try folder.program("shims/python3")
        #expect(try choose(["PATH": "\(folder.path)/shims"]) == Interpreter(executable: shim, origin: .path, library: nil))
    }

    @Test func looksUpABareNameInPath() throws {
        let path = "\(folder.path)/empty:\(folder.path)/opt/bin"
        #expect(try choose(["MARTLET_PYTHON": "python3.12", "PATH": path]).executable == installed)
    }

    @Test func saysWhatIsWrongWithTheOneThatWasAskedFor() throws {
        let old = try folder.program("old/bin/python3.9")
        let data = try folder.file("data/python3.12")
        let wrong: [(String, Diagnostic.Code, String)] = [
            (old, .pythonNotUsable, "Python 3.9"), (data, .pythonNotUsable, "not executable"),
            ("/nowhere/python", .pythonNotUsable, "no such file"), ("snake", .pythonNotFound, "PATH"),
        ]
        for (name, code, cause) in wrong {
            let problem = try #require(throws: Diagnostic.self) { try choose(["MARTLET_PYTHON": name, "PATH": "/nowhere"]) }
            #expect(problem.code == code && problem.subject == name && problem.cause.contains(cause))
        }
        let none = try #require(throws: Diagnostic.self) { try choose(["PATH": ""]) }
        #expect(none.code == .pythonNotFound)
    }

    @Test(arguments: ["python3.", "python3.x", "python3.11-config", "python3", "pypy3.10", "python2.7"])
    func readsNoVersionIntoOtherNames(name: String) { #expect(VersionedName(name) == nil) }
}
