/// Time, so that tests can hold it.
public protocol Clock: Sendable {
    /// Nanoseconds on a clock that never jumps; for durations and deadlines.
    func monotonic() -> UInt64
    /// Nanoseconds since 1970-01-01 UTC; for records only, never for decisions.
    func wall() -> Int64
}
