import Glibc

/// An open file, closed when the last reference goes. Close-on-exec always.
public final class Descriptor: @unchecked Sendable {
    // Unchecked: `raw` changes in `close` alone, which its owner calls once.
    public private(set) var raw: Int32

    /// Takes the descriptor over.
    public init(_ raw: Int32) { self.raw = raw }

    deinit { close() }

    public func close() {
        if raw >= 0 { _ = Glibc.close(raw) }
        raw = -1
    }

    /// Gives the descriptor away: this object closes it no more.
    public func release() -> Int32 {
        defer { raw = -1 }
        return raw
    }
}
