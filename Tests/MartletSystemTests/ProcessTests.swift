import Glibc
import MartletSystem
import MartletTesting
import Testing

@Suite struct ProcessTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("system") }

    private func output(of command: [String], environment: [String]? = nil) throws -> (ProgramEnd, String) {
        let log = "\(scratch.path)/log"
        let start = ProgramStart(
            command, directory: scratch.path, environment: environment, output: try File.openAppending(log))
        let end = try Process.start(start).wait()
        return (end, String(decoding: try File.read(log), as: UTF8.self))
    }

    @Test func runsInItsDirectoryWithItsOutputInTheLog() throws {
        let (end, text) = try output(of: ["sh", "-c", "pwd; echo no >&2; cat; exit 3"])
        #expect(end.status == 3 && end.signal == nil && !end.isSuccess)
        #expect(end.text == "exit status 3")
        #expect(text == "\(scratch.path)\nno\n")
        #expect(end.peakMemory > 0)
    }

    @Test func argumentsAndEnvironmentArriveUnchanged() throws {
        let odd = ["a b", "", "-n", "'\"$x", "é\n"]
        let (_, text) = try output(of: ["printf", "<%s>"] + odd, environment: ["PATH=/usr/bin:/bin"])
        #expect(text == odd.map { "<\($0)>" }.joined())
        let variables = Environment.all(changing: ["PATH": "/usr/bin:/bin", "MARTLET_X": "1=2", "HOME": nil])
        let (_, seen) = try output(of: ["sh", "-c", "echo \"[$MARTLET_X|$HOME]\""], environment: variables)
        #expect(seen.hasSuffix("[1=2|]\n"))
    }

    @Test func leadsAGroupThatDiesAsAWhole() throws {
        // the grandchild inherits the pipe: its end is seen only when the whole group is gone
        let (ours, theirs) = try Socket.pair()
        let process = try Process.start(ProgramStart(["sh", "-c", "sleep 600 & echo up; wait"], output: theirs))
        theirs.close()
        var poller = Poller()
        poller.add(ours.raw, .readable, tag: 7)
        #expect(try poller.wait(milliseconds: 10_000).first?.tag == 7)
        #expect(getpgid(process.pid) == process.pid)
        #expect(try process.end() == nil)
        #expect(process.signalGroup(SIGKILL))
        let end = try process.wait()
        #expect(end.signal == SIGKILL && end.text == "SIGKILL")
        var bytes: [UInt8] = []
        while try Socket.receive(ours.raw, into: &bytes) != .ended {
            _ = try poller.wait(milliseconds: 10_000)
        }
        #expect(bytes == Array("up\n".utf8))
        #expect(try process.end() == end, "the answer is kept")
    }

    @Test func pidfdTellsTheEnd() throws {
        let process = try Process.start(ProgramStart(["true"]))
        let pidfd = try #require(process.pidfd, "this kernel has no pidfd_open")
        var poller = Poller()
        poller.add(pidfd.raw, .readable, tag: 0)
        #expect(try poller.wait(milliseconds: 10_000).count == 1)
        #expect(try process.end()?.isSuccess == true)
    }

    @Test func inheritsNeitherDescriptorsNorBlockedSignals() throws {
        let leaked = dup(0)
        defer { close(leaked) }
        var mask = sigset_t()
        var old = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &mask, &old)
        defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
        let (end, text) = try output(of: [
            "sh", "-c", "test -e /proc/$$/fd/\(leaked) && echo leaked; kill -TERM $$; echo survived",
        ])
        #expect(text.isEmpty)
        #expect(end.signal == SIGTERM)
    }

    @Test func ownSession() throws {
        let log = "\(scratch.path)/log"
        let process = try Process.start(
            ProgramStart(["sleep", "600"], output: try File.openAppending(log), ownSession: true))
        #expect(getsid(process.pid) == process.pid)
        #expect(getpgid(process.pid) == process.pid)
        process.signalGroup(SIGKILL)
        _ = try process.wait()
    }

    @Test func variablesReplaceThoseOfTheEnvironment() throws {
        setenv("MARTLET_OLD", "old", 1)
        setenv("MARTLET_OLDER", "kept", 1)
        defer { for name in ["MARTLET_OLD", "MARTLET_OLDER"] { unsetenv(name) } }
        let log = "\(scratch.path)/log"
        for environment in [nil, Environment.all()] {
            var start = ProgramStart(["sh", "-c", "echo $MARTLET_OLD $MARTLET_OLDER $MARTLET_NEW"], environment: environment)
            start.variables = ["MARTLET_OLD=new", "MARTLET_NEW=1=2"]
            start.output = try File.openAppending(log)
            _ = try Process.start(start).wait()
        }
        #expect(String(decoding: try File.read(log), as: UTF8.self) == "new kept 1=2\nnew kept 1=2\n")
    }

    @Test func programsAreFoundAlongTheirOwnPath() throws {
        let folder = "\(scratch.path)/bin"
        try Directory.make(folder)
        try File.replace("\(folder)/hello", with: Array("echo hello from $0 $1\n".utf8))
        var start = ProgramStart(["hello", "you"])
        start.variables = ["PATH=/nowhere:\(folder):/usr/bin:/bin"]
        #expect(throws: SystemError(EACCES, "exec", "hello")) { try Process.start(start) }
        chmod("\(folder)/hello", 0o755)
        // without a line that says what runs it, a shell does
        let log = "\(scratch.path)/log"
        start.output = try File.openAppending(log)
        var search = ProgramSearch()
        #expect(try Process.start(start, search: &search).wait().isSuccess)
        // it moved since it was found
        try File.rename("\(folder)/hello", to: "\(folder)/gone")
        #expect(throws: SystemError(ENOENT, "exec", "hello")) { try Process.start(start, search: &search) }
        #expect(String(decoding: try File.read(log), as: UTF8.self) == "hello from \(folder)/hello you\n")
    }

    @Test func aMissingProgramIsNamed() {
        let error = #expect(throws: SystemError.self) { try Process.start(ProgramStart(["no-such-program-here"])) }
        #expect(error == SystemError(ENOENT, "exec", "no-such-program-here"))
        #expect(error?.text == "No such file or directory")
        let nowhere = #expect(throws: SystemError.self) {
            try Process.start(ProgramStart(["true"], directory: "\(scratch.path)/none"))
        }
        #expect(nowhere == SystemError(ENOENT, "chdir", "\(scratch.path)/none"))
    }
}
