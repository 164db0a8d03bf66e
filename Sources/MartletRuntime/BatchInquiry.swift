import Glibc
import MartletPorts
import MartletSystem

/// One question after the other to a batch system, each of whose answers is waited for: for commands, which have nothing
/// else to do meanwhile.
public struct BatchInquiry {
    public let system: any BatchSystem
    let clock: any Clock
    /// Lets so many seconds pass; tests let the world go on meanwhile.
    let wait: (Double) -> Void

    public init(
        _ system: any BatchSystem, clock: any Clock = SystemClock(), wait: @escaping (Double) -> Void = BatchInquiry.sleep
    ) {
        (self.system, self.clock, self.wait) = (system, clock, wait)
    }

    public static func sleep(_ seconds: Double) { usleep(UInt32(seconds * 1e6)) }

    /// Commands have time limits of their own: an answer comes.
    public func answer(to question: BatchQuestion) -> BatchAnswer {
        system.ask(question, now: clock.monotonic())
        while true {
            if let answer = system.answers(now: clock.monotonic()).first { return answer }
            wait(0.01)
        }
    }
}
