import CSystem

/// What happens to this process when its parent ends.
public enum ParentDeath {
    /// The kernel sends this signal when the thread that forked this process ends (Linux, prctl(2)).
    /// - Returns: false with errno set when it refuses.
    public static func signal(_ signal: Int32) -> Bool { csystem_parent_death_signal(signal) == 0 }
}
