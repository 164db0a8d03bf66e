import MartletModel

/// When an execution ended, in an order that does not trust clocks alone: nanoseconds, of no use but to be compared.
///
/// * In one segment records stand in the order in which executions ended, whatever the clock did: a moment is never
///   before that of the record above.
/// * A process that begins to record looks at what is recorded (`SegmentHeader.after`). Where its own clock is behind
///   that, it is slow: all its times count as much later as it is behind at least.
///
/// So what a process saw as it began is before all that it did. Of executions in processes that did not see each other's
/// records, on machines whose clocks disagree, nobody can tell which is newer; their clocks decide.
struct Moment {
    /// By how much the segment's clock is slow at least.
    private let shift: Int64
    private(set) var latest: Int64

    /// - Parameter latest: that of the records above, where reading goes on.
    init(_ header: SegmentHeader?, latest: Int64 = .min) {
        shift = Moment.shift(header)
        guard let header else {
            self.latest = latest
            return
        }
        self.latest = max(latest, Moment.sum(header.started, shift), header.after ?? .min)
    }

    init(shift: Int64, latest: Int64) {
        self.shift = shift
        self.latest = latest
    }

    static func shift(_ header: SegmentHeader?) -> Int64 {
        guard let header, let after = header.after, after >= header.started else { return 0 }
        let (behind, overflow) = after.subtractingReportingOverflow(header.started)
        return overflow ? .max : sum(behind, 1)
    }

    /// The moment of the next record.
    /// - Parameters:
    ///   - time: nanoseconds since 1970-01-01 UTC by the segment's clock.
    ///   - seconds: how much later it happened.
    mutating func next(_ time: Int64, plus seconds: Double = 0) -> Int64 {
        // 285 years are enough for any task, and fit
        let lasted = Int64(min(max(seconds.isFinite ? seconds : 0, 0), 9e9) * 1e9)
        latest = max(latest, Moment.sum(Moment.sum(time, lasted), shift))
        return latest
    }

    /// At the ends of the range where it would overflow.
    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? (b > 0 ? .max : .min) : sum
    }
}
