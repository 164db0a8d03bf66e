import MartletPorts
import Synchronization

/// A clock that stands still until it is told to go on.
public final class ManualClock: Clock {
    private let nanoseconds: Atomic<UInt64>
    private let epoch: Int64

    /// - Parameter epoch: what the wall clock shows at the beginning, nanoseconds since 1970-01-01 UTC.
    public init(epoch: Int64 = 1_700_000_000_000_000_000) {
        nanoseconds = Atomic(0)
        self.epoch = epoch
    }

    public func monotonic() -> UInt64 { nanoseconds.load(ordering: .sequentiallyConsistent) }
    public func wall() -> Int64 { epoch + Int64(monotonic()) }

    public func advance(seconds: Double) {
        nanoseconds.wrappingAdd(UInt64(seconds * 1e9), ordering: .sequentiallyConsistent)
    }
}
