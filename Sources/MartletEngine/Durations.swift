/// How long tasks of a family take, as far as this run has seen.
struct Durations {
    private var mean: [Double] = []

    /// Seconds; infinite for a family of which no task has ended yet.
    func expected(family: UInt32) -> Double {
        let f = Int(family)
        return f < mean.count ? mean[f] : .infinity
    }

    /// An exponentially weighted mean: follows a family whose tasks become longer within a few of them.
    mutating func saw(_ seconds: Double, family: UInt32) {
        let f = Int(family)
        while mean.count <= f { mean.append(.infinity) }
        mean[f] = mean[f].isFinite ? mean[f] + 0.25 * (seconds - mean[f]) : seconds
    }
}
