/// Calls on files that tests can make fail.
extension File {
    /// One write(2), as `writeOnce`.
    public static func writeOnce(
        _ file: Descriptor, _ bytes: UnsafeRawBufferPointer, at point: FailPoint
    ) throws(SystemError) -> Int {
        switch point.pass() {
        case .none, .skip: return try writeOnce(file, bytes)
        case .error(let code): throw SystemError(code, "write")
        case .short(let count): return try writeOnce(file, UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
        case .torn(let count):
            _ = try writeOnce(file, UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
            FailPlan.die()
        }
    }

    /// Forces the content to disk, as `synchronize`.
    public static func synchronize(_ file: Descriptor, at point: FailPoint) throws(SystemError) {
        guard try point.allows("fdatasync") else { return }
        try synchronize(file)
        FailPlan.current?.synchronized(file)
    }
}
