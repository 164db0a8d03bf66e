/// How far one `perform` has come.
struct HTTPProgress: Equatable, Sendable {
    /// Bytes of bodies that were sent and that arrived, of attempts that are still worth something.
    var sent: UInt64 = 0
    var received: UInt64 = 0
    /// Requests that have ended, well or not.
    var ended = 0
}
