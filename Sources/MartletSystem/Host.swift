import Glibc

/// Where this process runs, and as whom.
public enum Host {
    public static func name() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let start = buffer.baseAddress, gethostname(start, buffer.count - 1) == 0 else { return "unknown" }
            buffer[buffer.count - 1] = 0
            return String(cString: start)
        }
    }

    /// The login name, else the number.
    public static func user() -> String {
        let id = geteuid()
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        let name: String? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { buffer in
            guard getpwuid_r(id, &entry, buffer.baseAddress!, buffer.count, &found) == 0, found != nil else {
                return nil
            }
            return String(cString: entry.pw_name)
        }
        return name ?? "\(id)"
    }

    /// The effective user's number.
    public static var userNumber: UInt32 { geteuid() }

    public static var pid: Int32 { getpid() }

    /// Processors that this process may use.
    public static func processors() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// When a process was started, in clock ticks since boot: field 22 of `/proc/<pid>/stat`. Together with the pid it
    /// names a process for as long as the machine is up.
    /// - Returns: nil when there is no such process, or it has ended and awaits its parent.
    /// - Throws: when that could not be found out, which says nothing about the process.
    public static func startTime(of pid: Int32) throws(SystemError) -> UInt64? {
        let bytes: [UInt8]
        do {
            bytes = try File.read("/proc/\(pid)/stat")
        } catch {
            // ESRCH: it ended between open and read
            if error.code == ENOENT || error.code == ESRCH { return nil }
            throw error
        }
        // the command, field 2, stands in parentheses and may hold spaces and parentheses itself
        guard let close = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(close + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, fields[0].first != UInt8(ascii: "Z") else { return nil }
        return UInt64(String(decoding: fields[19], as: UTF8.self))
    }

    /// Differs after every boot of the machine.
    public static func bootID() throws(SystemError) -> String {
        let bytes = try File.read("/proc/sys/kernel/random/boot_id")
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// Hexadecimal digits from the system's random source, two a byte.
    public static func randomToken(bytes: Int = 6) -> String {
        var source = SystemRandomNumberGenerator()
        let alphabet = Array("0123456789abcdef")
        return String((0..<(2 * bytes)).map { _ in alphabet[Int(source.next(upperBound: 16 as UInt))] })
    }
}
