import MartletModel
import MartletPorts
import MartletSandbox
import MartletSystem
import MartletTesting
import Testing

@Suite struct SandboxTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("sandbox of tests") }

    private func run(_ command: [String]) throws -> (status: Int32, output: String) {
        let log = "\(scratch.path)/\(Host.randomToken()).log"
        let start = ProgramStart(
            command, directory: "/", environment: Environment.all(changing: ["PYTHONHOME": "/nowhere"]),
            output: try File.openAppending(log))
        let end = try Process.start(start).wait()
        return (end.status ?? -1, String(decoding: try File.read(log), as: UTF8.self))
    }

    private func script(_ text: String) throws -> String {
        let path = "\(scratch.path)/set up's \"script\".sh"
        try File.replace(path, with: Array(text.utf8))
        return path
    }

    /// An environment whose Python says how it was called.
    private func venv() throws -> String {
        let path = "\(scratch.path)/env one"
        try Directory.make("\(path)/bin")
        let python = "#!/bin/sh\necho \"python of $VIRTUAL_ENV: $*\"\n"
        try File.replace("\(path)/bin/python", with: Array(python.utf8))
        _ = try run(["chmod", "+x", "\(path)/bin/python"])
        return path
    }

    @Test func shellKeepsTheContract() throws {
        let found = try sandboxContract(ShellSandbox(argument: script("export MARTLET_SANDBOX=1\n")), run: run)
        #expect(found.isEmpty, "\(found)")
    }

    @Test func shellKeepsTheContractWithADemandingScript() throws {
        let text = "set -euo pipefail\nIFS=\nshopt -s nullglob\nargs=(\"$@\")\n"
        let found = try sandboxContract(ShellSandbox(argument: script(text)), run: run)
        #expect(found.isEmpty, "\(found)")
    }

    @Test func venvKeepsTheContract() throws {
        let found = try sandboxContract(VenvSandbox(argument: venv()), run: run)
        #expect(found.isEmpty, "\(found)")
    }

    /// The contract sees the usual mistakes: it is no formality.
    @Test func theContractSeesMistakes() throws {
        struct Splitting: Sandbox {
            static let name = "splitting"
            init(argument: String) {}
            func wrap(_ command: [String]) -> [String] { ["sh", "-c", command.joined(separator: " ")] }
        }
        struct Staying: Sandbox {
            static let name = "staying"
            init(argument: String) {}
            func wrap(_ command: [String]) -> [String] { ["sh", "-c", "\"$@\"; exit $?", "sh"] + command }
        }
        #expect(try !sandboxContract(Splitting(argument: ""), run: run).isEmpty)
        #expect(try sandboxContract(Staying(argument: ""), run: run).all.count == 1)
    }

    @Test func theScriptIsSourcedWithoutArguments() throws {
        let sandbox = try ShellSandbox(argument: script("echo \"$# arguments\"; export X='set up'; f() { :; }\n"))
        let (status, output) = try run(sandbox.wrap(["sh", "-c", "echo \"$X $1\"", "sh", "mine"]))
        #expect(status == 0)
        #expect(output == "0 arguments\nset up mine\n")
    }

    @Test(arguments: ["return 3", "false", "no-such-program-here", "if"]) func aFailingScriptIsToldOf(text: String)
        throws
    {
        let path = try script(text + "\n")
        let (status, output) = try run(try ShellSandbox(argument: path).wrap(["echo", "ran"]))
        #expect(status == 125)
        #expect(output.contains(path) && output.contains("the command was not run") && !output.contains("ran\n"))
    }

    @Test func pythonIsTheEnvironments() throws {
        let environment = try venv()
        let sandbox = try VenvSandbox(argument: environment)
        for python in ["python", "python3", "/usr/bin/python3.12"] {
            let (_, output) = try run(sandbox.wrap([python, "-m", "martlet", "a b"]))
            #expect(output == "python of \(environment): -m martlet a b\n")
        }
        let (_, output) = try run(sandbox.wrap(["sh", "-c", "command -v python; echo \"[$PYTHONHOME]\""]))
        #expect(output == "\(environment)/bin/python\n[]\n")
        #expect(sandbox.wrap(["pythonic"]).last == "pythonic")
    }

    @Test func whatIsNotThereIsToldOf() throws {
        let shell = #expect(throws: Diagnostic.self) { try ShellSandbox(argument: "/none.sh") }
        #expect(
            shell == Diagnostic(.sandboxUnavailable, subject: "shell:/none.sh", cause: "No such file or directory"))
        let directory = #expect(throws: Diagnostic.self) { try ShellSandbox(argument: "/tmp") }
        #expect(directory?.code == .sandboxUnavailable)
        let venv = #expect(throws: Diagnostic.self) { try VenvSandbox(argument: "/tmp") }
        #expect(venv?.cause == "bin/python: No such file or directory")
    }

    @Test func relativeNamesAreMeantFromHere() throws {
        let here = try Directory.current()
        #expect(throws: Diagnostic.self) { try ShellSandbox(argument: "no/such.sh") }
        let path = try script("")
        let up = here.split(separator: "/").map { _ in ".." }.joined(separator: "/")
        let sandbox = try ShellSandbox(argument: up + path)
        #expect(sandbox.script == "\(here)/\(up)\(path)")
        #expect(try run(sandbox.wrap(["true"])).status == 0)
    }
}
