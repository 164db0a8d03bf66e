import MartletPorts

/// The latest moment (docs/reports.md) of what a run knows to be recorded: what its jobs report is to be later. Their nodes'
/// clocks may be slow, and to look themselves each of them would have to read the ends of others' segments.
struct KnownMoment {
    private let segments: any SegmentFolder
    private var latest = Int64.min
    private var isOutdated = true

    init(of segments: any SegmentFolder) { self.segments = segments }

    /// Another run may have recorded something that concerns this one.
    mutating func outdate() { isOutdated = true }

    mutating func saw(_ moment: Int64?) { latest = max(latest, moment ?? .min) }

    /// Looks at the segments that are there, the first time.
    mutating func look() -> Int64 {
        if isOutdated { saw(segments.latestMoment()) }
        isOutdated = false
        return latest
    }
}
