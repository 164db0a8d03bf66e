import Glibc

/// The end of whoever a process works for.
public enum HangUp {
    /// From now on this process ends at once, whatever it is doing, when the other end of a socket is closed by
    /// everybody who has it. Starts a thread that is never joined: only for processes that do not fork.
    public static func endsThisProcess(_ socket: Int32) {
        let watching = Thread {
            var entry = pollfd(fd: socket, events: 0, revents: 0)
            while true {
                // events 0: only a hang-up wakes it
                if poll(&entry, 1, -1) > 0 && entry.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { _exit(0) }
            }
        }
        // without a thread the process ends when it reads, or writes, next
        withExtendedLifetime(watching) {}
    }
}
