import MartletSystem

/// Shows that somebody may still append to a segment, for as long as a process lives that has it open.
///
/// Nobody waits for it, and nothing that is recorded depends on it: it keeps `Compaction` from taking a silent writer for a dead
/// one. On file systems that several machines share there is none: locks are slow there, unknown, or known to one machine alone.
enum SegmentLock {
    static func take(_ file: Descriptor, in directory: String) {
        // without it the age of the file tells, as everywhere where there are no locks
        guard tells(in: directory) else { return }
        do throws(SystemError) { _ = try FileLock.take(file) } catch { return }
    }

    /// Whether a lock, or that there is none, says something of files in a directory.
    static func tells(in directory: String) -> Bool {
        do throws(SystemError) { return try FileSystemKind.of(directory) == .local } catch { return false }
    }

    /// Whether a process has it; false also where that cannot be told.
    static func isHeld(_ file: Descriptor) -> Bool {
        do throws(SystemError) { return try FileLock.isHeld(file) } catch { return false }
    }
}
