import Glibc
import MartletEngine
import MartletModel
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRuntime

/// Commands as the runtime starts them: what becomes of their outputs, and what their ends mean.
@Suite struct CommandTests {
    private let scratch: ScratchDirectory
    private var programs = ChildPrograms(most: 2, clock: SystemClock())

    init() throws { scratch = try ScratchDirectory("commands") }

    private func request(_ line: String, task: Int = 0, more: String = "") throws -> CommandRequest {
        let text = """
            [{"task":\(task),"command":["/bin/sh","-c",\(quoted(line))],"directory":\(quoted(scratch.path)),
              "outputs":[[\(quoted(temporary)),\(quoted(final))]],"fragment":"\\"task\\":\\"T\\""\(more)}]
            """
        return try CommandRequest.read(json: text)[0]
    }

    private var temporary: String { "\(scratch.path)/deep/.out.tmp" }
    private var final: String { "\(scratch.path)/deep/out" }

    private func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Runs a command to its end.
    private mutating func run(_ request: CommandRequest) throws -> (OutcomeFrame, Execution.LogSpan) {
        try programs.start(request, command: request.command, variables: ["A": "a", "B": "b"], logs: "\(scratch.path)/logs")
        while true {
            for case .command(let frame, let log, _) in try collect() { return (frame, log) }
        }
    }

    private mutating func collect() throws -> [ChildPrograms.Ended] {
        var poller = Poller()
        programs.register(with: &poller)
        _ = try poller.wait(milliseconds: 10_000)
        return programs.collect()
    }

    /// Whether the process whose number is in the output has become sleep(1).
    private func isSleeping() -> Bool {
        do {
            let pid = String(decoding: try File.read(temporary), as: UTF8.self).dropLast()
            return String(decoding: try File.read("/proc/\(pid)/comm"), as: UTF8.self) == "sleep\n"
        } catch {
            return false  // not written yet
        }
    }

    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    @Test mutating func putsTheOutputInPlaceAndSaysSo() throws {
        let (frame, log) = try run(request("echo hello > deep/.out.tmp; echo told; echo $A-$B", more: #","variables":["B=own"]"#))
        #expect(frame.kind == .done && frame.text.isEmpty && frame.wall > 0 && frame.peak > 0)
        #expect(String(decoding: try File.read(final), as: UTF8.self) == "hello\n" && !exists(temporary))
        let fragment = String(decoding: frame.fragment, as: UTF8.self)
        #expect(fragment.hasPrefix(#""task":"T","outputs":[[\#(quoted(final)),6,"#))
        #expect(log.length == 11 && CommandLogs.tail(log) == "told\na-own")
        // the next one in this place prints behind it
        let (_, next) = try run(request("echo more; exit 1"))
        #expect(next.file == log.file && next.offset == 11 && next.length == 5)
        programs.end()
    }

    @Test mutating func failuresAreNamedAndLeaveNothing() throws {
        let exits = #","exits":{"3":[1,"truncated"],"75":[8,"busy"],"9":[0,""]}"#
        let cases: [(String, Outcome.Kind, String)] = [
            ("echo half > deep/.out.tmp; echo why; exit 4", .raised, "its command ended with exit status 4\n\nwhy"),
            ("exit 3", .raised, "its command ended with exit status 3: truncated"),
            ("exit 75", .storageTrouble, "its command ended with exit status 75: busy"),
            ("exit 9", .outputsNotMade, "its command ended well without having made \(final)"),
            ("true", .outputsNotMade, "its command ended well without having made \(final)"),
            ("kill -SEGV $$", .workerLost, "its command was ended by SIGSEGV"),
            ("exit 139", .raised, "its command ended with exit status 139, a shell's word for SIGSEGV"),
            ("mkdir deep/.out.tmp; touch deep/.out.tmp/x; exit 5", .raised, "its command ended with exit status 5"),
        ]
        for (line, kind, text) in cases {
            let (frame, _) = try run(request(line, more: exits))
            #expect(frame.kind == kind && frame.text == text, "\(line)")
            #expect(!exists(temporary) && !exists(final), "\(line)")
        }
        programs.end()
    }

    @Test mutating func anOutputThatCannotBeRenamed() throws {
        var odd = try request("echo x > deep/.out.tmp")
        // a name that no file can have, found out when it is renamed
        odd.outputs[0].path = "\(scratch.path)/deep/" + String(repeating: "x", count: 300)
        let (refused, _) = try run(odd)
        #expect(refused.kind == .raised && refused.text.hasPrefix("its output could not be put in place: rename "))
        #expect(refused.text.contains("File name too long") && !exists(temporary))
        programs.end()
    }

    @Test mutating func aDirectoryReplacesWhatIsThere() throws {
        for line in ["mkdir deep/.out.tmp; touch deep/.out.tmp/a", "mkdir deep/.out.tmp; touch deep/.out.tmp/b", "echo > deep/.out.tmp"] {
            #expect(try run(request(line)).0.kind == .done)
            #expect(try Directory.list("\(scratch.path)/deep").map(\.name) == ["out"])
        }
        programs.end()
    }

    @Test mutating func itsGroupGoesWithIt() throws {
        _ = try run(request("sleep 600 & echo $! > child; : > deep/.out.tmp"))
        let child = try #require(Int32(String(decoding: try File.read("\(scratch.path)/child"), as: UTF8.self).dropLast()))
        while kill(child, 0) == 0, try Host.startTime(of: child) != nil { usleep(1000) }
        programs.end()
    }

    @Test mutating func aProgramThatIsNotThere() throws {
        var missing = try request("true")
        missing.command = ["no-such-program"]
        let error = #expect(throws: Diagnostic.self) {
            try programs.start(missing, command: missing.command, variables: [:], logs: "\(scratch.path)/logs")
        }
        #expect(error?.code == .spawnFailed && error?.cause == "exec no-such-program: No such file or directory")
        #expect(programs.isEmpty)
        programs.end()
    }

    @Test mutating func anInterruptedOneSaysSo() throws {
        let slow = try request("echo $$ > deep/.out.tmp; exec sleep 600")
        try programs.start(slow, command: slow.command, variables: [:], logs: "\(scratch.path)/logs")
        // a shell forgets an interrupt that comes while it is about to start a program
        while !isSleeping() { usleep(1000) }
        programs.interrupt()
        guard case .command(let frame, _, _)? = try collect().first else { return #expect(Bool(false), "it did not end") }
        #expect(frame.kind == .interrupted && !exists(temporary))
        programs.end()
    }

    @Test func malformedRequestsAreRefused() {
        for text in [
            "[{}]", #"[{"task":1,"fragment":""}]"#, #"[{"task":1,"command":["a"]}]"#,
            #"[{"task":1,"command":["a"],"fragment":"","outputs":[["x"]]}]"#,
            #"[{"task":1,"command":["a"],"fragment":"","exits":{"x":[1,""]}}]"#,
        ] {
            #expect(throws: (any Error).self) { try CommandRequest.read(json: text) }
        }
    }
}
