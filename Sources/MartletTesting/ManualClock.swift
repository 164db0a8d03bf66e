import MartletPorts
import Synchronization

/// A clock that stands still until it is told to go on, or goes on only by being looked at.
public final class ManualClock: Clock {
    private let nanoseconds: Atomic<UInt64>
    private let epoch: Int64
    private let step: UInt64

    /// - Parameters:
    ///   - epoch: what the wall clock shows at the beginning, nanoseconds since 1970-01-01 UTC.
    ///   - step: nanoseconds by which it goes on each time that it is looked at.
    public init(epoch: Int64 = 1_700_000_000_000_000_000, step: UInt64 = 0) {
        nanoseconds = Atomic(0)
        self.epoch = epoch
        self.step = step
    }

    public func monotonic() -> UInt64 { nanoseconds.wrappingAdd(step, ordering: .sequentiallyConsistent).oldValue }
    public func wall() -> Int64 { epoch + Int64(nanoseconds.load(ordering: .sequentiallyConsistent)) }

    public func advance(seconds: Double) {
        nanoseconds.wrappingAdd(UInt64(seconds * 1e9), ordering: .sequentiallyConsistent)
    }
}
