import CSystem
import Glibc

/// A small shell beside this process that kills process groups when this process is gone, even by `kill -9`.
///
/// It shares a table with this process: one line a place, in which a program notes its own pid, and so its group's,
/// before its first instruction (`ProgramStart.note`). Guarding a program costs no system call.
///
/// Not safe for use by two threads at once.
public final class GroupGuard {
    /// How many groups it guards at the same time.
    public let places: Int

    private static let width = 11  // ten digits and the end of the line
    private let table: UnsafeMutablePointer<CChar>
    private let shell: Process
    /// While it is open, somebody is there: the shell waits for its end.
    private let lifeline: Descriptor

    // A signal that nobody else sends ends the wait at once: processes forked from this one may hold the lifeline open
    // longer than this process lives.
    private static let script = """
        end() {
            while read -r group <&3; do
                [ -z "$group" ] || kill -s KILL -- "-$group"
            done
            exit 0
        } 2>/dev/null
        trap '' HUP INT QUIT TERM
        trap end USR1
        echo >&0
        while read -r line; do :; done
        end
        """

    public init(places: Int) throws(SystemError) {
        self.places = places
        let length = places * GroupGuard.width
        let memory = Descriptor(csystem_memory_file("martlet-groups"))
        guard memory.raw >= 0 else { throw .last("memfd_create") }
        let blank = Array((String(repeating: " ", count: GroupGuard.width - 1) + "\n").utf8)
        for _ in 0..<places { try File.writeAll(memory, blank) }
        guard let raw = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, memory.raw, 0), raw != MAP_FAILED else {
            throw .last("mmap")
        }
        table = raw.assumingMemoryBound(to: CChar.self)
        lseek(memory.raw, 0, SEEK_SET)
        let (ours, theirs) = try Socket.pair()
        lifeline = ours
        var start = ProgramStart(["/bin/sh", "-c", GroupGuard.script], directory: "/", ownSession: true)
        start.input = theirs
        start.third = memory
        start.deathSignal = SIGUSR1
        do {
            shell = try Process.start(start)
        } catch {
            munmap(raw, length)
            throw error
        }
        theirs.close()
        awaitReadiness()
    }

    /// Until its traps are set, the signal would end the shell alone.
    private func awaitReadiness() {
        var poller = Poller()
        poller.add(lifeline.raw, .readable, tag: 0)
        do throws(SystemError) { _ = try poller.wait(milliseconds: 2000) } catch { return }  // then it is guarded a little later
    }

    /// Where the program of a place is to note its pid.
    public func note(_ place: Int) -> UnsafeMutablePointer<CChar> { table + place * GroupGuard.width }

    /// The program of a place has ended, and its group with it. To be called before it is awaited: afterwards its
    /// number may mean somebody else.
    public func clear(_ place: Int) {
        memset(table + place * GroupGuard.width, Int32(UInt8(ascii: " ")), GroupGuard.width - 1)
    }

    /// Ends the guard; nothing is killed.
    public func end() {
        for place in 0..<places { clear(place) }
        shell.signalGroup(SIGKILL)
        do throws(SystemError) { _ = try shell.wait() } catch { return }  // somebody else awaited it
    }

    deinit { munmap(table, places * GroupGuard.width) }
}
