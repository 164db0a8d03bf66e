import Glibc

/// A short rest of the calling thread.
public enum Pause {
    /// - Returns: false when a signal ended it.
    public static func take(seconds: Double) -> Bool {
        var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
        return nanosleep(&rest, nil) == 0
    }
}
