import Glibc
import MartletSystem
import MartletTesting
import Testing

@Suite struct GroupGuardTests {
    /// What one thread starts, and leaves behind when it ends.
    private final class Left {
        var pid: Int32 = -1
        var guarding: GroupGuard?
        let log: Descriptor
        let isGuarded: Bool
        init(_ log: Descriptor, isGuarded: Bool) { (self.log, self.isGuarded) = (log, isGuarded) }

        func start() throws {
            let guarding = try GroupGuard(places: 3)
            var start = ProgramStart(["sh", "-c", "sleep 600 & echo up; wait"], output: log)
            if isGuarded { start.note = guarding.note(1) }
            pid = try Process.start(start).pid
            self.guarding = guarding
        }
    }

    /// The other end of the log of a program whose thread has ended; it was seen to run.
    private func leave(isGuarded: Bool) throws -> (Left, Descriptor) {
        let (ours, theirs) = try Socket.pair()
        let left = Left(theirs, isGuarded: isGuarded)
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { raw in
                let left = Unmanaged<Left>.fromOpaque(raw!).takeUnretainedValue()
                #expect(throws: Never.self) { try left.start() }
                var poller = Poller()
                poller.add(left.log.raw, .readable, tag: 0)
                #expect(throws: Never.self) { _ = try poller.wait(milliseconds: 100) }
                return nil
            }, Unmanaged.passUnretained(left).toOpaque())
        pthread_join(thread, nil)
        theirs.close()
        return (left, ours)
    }

    private func ends(_ socket: Descriptor, milliseconds: Int32) throws -> Bool {
        var poller = Poller()
        poller.add(socket.raw, .readable, tag: 0)
        var bytes: [UInt8] = []
        while try !poller.wait(milliseconds: milliseconds).isEmpty {
            if try Socket.receive(socket.raw, into: &bytes) == .ended { return true }
        }
        return false
    }

    @Test func killsTheWholeGroupWhenWhoeverStartedItIsGone() throws {
        let (left, log) = try leave(isGuarded: true)
        #expect(try ends(log, milliseconds: 10_000))
        left.guarding?.end()
    }

    @Test func killsNothingElse() throws {
        let (left, log) = try leave(isGuarded: false)
        #expect(try !ends(log, milliseconds: 300))
        Signals.send(SIGKILL, toGroup: left.pid)
        left.guarding?.end()
    }

    @Test func notesThePidAndClearsIt() throws {
        let guarding = try GroupGuard(places: 2)
        var start = ProgramStart(["true"])
        start.note = guarding.note(1)
        let process = try Process.start(start)
        func noted() -> String { String(decoding: UnsafeRawBufferPointer(start: guarding.note(1), count: 11), as: UTF8.self) }
        #expect(noted() == String(repeating: " ", count: 10 - "\(process.pid)".count) + "\(process.pid)\n")
        guarding.clear(1)
        #expect(noted() == String(repeating: " ", count: 10) + "\n")
        _ = try process.wait()
        guarding.end()
    }
}
