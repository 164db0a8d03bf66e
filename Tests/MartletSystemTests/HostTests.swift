import Glibc
import MartletSystem
import Testing

@Suite struct HostTests {
    @Test func startTimeNamesAProcess() throws {
        let mine = try #require(try Host.startTime(of: getpid()))
        #expect(try Host.startTime(of: getpid()) == mine)
        let child = try Process.start(ProgramStart(["sleep", "600"]))
        let theirs = try #require(try Host.startTime(of: child.pid))
        #expect(theirs > mine)
        child.signalGroup(SIGKILL)
        if let pidfd = child.pidfd {
            var poller = Poller()
            poller.add(pidfd.raw, .readable, tag: 0)
            #expect(try poller.wait(milliseconds: 10_000).count == 1)
            #expect(try Host.startTime(of: child.pid) == nil, "ended and not awaited is ended")
        }
        _ = try child.wait()
        #expect(try Host.startTime(of: child.pid) == nil)
    }

    @Test func clocks() {
        let clock = SystemClock()
        let before = clock.monotonic()
        #expect(clock.monotonic() >= before)
        #expect(clock.wall() > 1_700_000_000_000_000_000)
        #expect(clock.processorTime() > 0)
    }

    @Test func whoAndWhere() throws {
        #expect(!Host.name().isEmpty && !Host.user().isEmpty)
        #expect(try Host.bootID().count == 36)
        #expect(Host.randomToken(bytes: 4).count == 8)
        #expect(Host.randomToken() != Host.randomToken())
    }

    @Test func environment() {
        setenv("MARTLET_TEST_VARIABLE", "a=b", 1)
        #expect(Environment.get("MARTLET_TEST_VARIABLE") == "a=b")
        #expect(Environment.all().contains("MARTLET_TEST_VARIABLE=a=b"))
        #expect(
            !Environment.all(changing: ["MARTLET_TEST_VARIABLE": nil]).contains {
                $0.hasPrefix("MARTLET_TEST_VARIABLE")
            })
        unsetenv("MARTLET_TEST_VARIABLE")
        #expect(Environment.get("MARTLET_TEST_VARIABLE") == nil)
    }

    @Test func errorsAndSignalsHaveNames() {
        #expect(SystemError(ENOSPC, "write", "/a").description == "write /a: No space left on device")
        #expect(SystemError.text(99999) == "error 99999")
        #expect(Signals.name(SIGTERM) == "SIGTERM")
        #expect(Signals.name(999) == "signal 999")
    }

    @Test func socketsCarryMoreThanTheyHold() throws {
        let (a, b) = try Socket.pair()
        let message = [UInt8](repeating: 7, count: 1 << 20)
        var received: [UInt8] = []
        var sent = 0
        while received.count < message.count {
            sent += try message[sent...].withUnsafeBytes { try Socket.send(a.raw, $0) }
            while case .bytes = try Socket.receive(b.raw, into: &received) {}
        }
        #expect(received == message)
        #expect(try Socket.receive(b.raw, into: &received) == .nothing)
        a.close()
        #expect(try Socket.receive(b.raw, into: &received) == .ended)
        let error = #expect(throws: SystemError.self) { try message.withUnsafeBytes { try Socket.sendAll(b.raw, $0) } }
        #expect(error?.code == EPIPE)
    }
}
