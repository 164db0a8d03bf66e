import Glibc

/// What this process has used so far, from getrusage(2).
public struct ProcessUsage: Sendable {
    /// Seconds of user and system time, children that were waited for included.
    public let cpu: Double
    /// Peak resident memory in kB; of this process alone.
    public let peak: Int

    public static func now() -> ProcessUsage {
        var own = rusage(), children = rusage()
        // neither can fail: the arguments are right
        _ = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &own)
        _ = getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &children)
        let cpu = seconds(own.ru_utime) + seconds(own.ru_stime) + seconds(children.ru_utime) + seconds(children.ru_stime)
        return ProcessUsage(cpu: cpu, peak: own.ru_maxrss)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}
