import MartletModel

/// How values of one kind scatter, not led astray by a few that are far off.
public struct Spread: Equatable, Sendable {
    public let count: Int
    public let median: Double
    /// Two thirds of the values lie between these: the quantiles at 1/6 and 5/6.
    public let low: Double
    public let high: Double
    /// Mean and standard deviation after values beyond three interquartile ranges from the quartiles were pulled in to
    /// that distance. Of a single value the deviation is taken to be the value itself.
    public let mean: Double
    public let deviation: Double

    /// nil without values.
    public init?(_ values: [Double]) {
        let sorted = values.filter(\.isFinite).sorted()
        guard let median = Spread.quantile(sorted, 0.5), let lower = Spread.quantile(sorted, 0.25),
            let upper = Spread.quantile(sorted, 0.75), let low = Spread.quantile(sorted, 1.0 / 6),
            let high = Spread.quantile(sorted, 5.0 / 6)
        else { return nil }
        count = sorted.count
        (self.median, self.low, self.high) = (median, low, high)
        let reach = 3 * (upper - lower)
        let near = reach > 0 ? sorted.map { min(max($0, lower - reach), upper + reach) } : sorted
        let mean = near.reduce(0, +) / Double(near.count)
        self.mean = mean
        let squares = near.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        deviation = near.count > 1 ? (squares / Double(near.count - 1)).squareRoot() : mean
    }

    /// Between the two values around it, in proportion.
    private static func quantile(_ sorted: [Double], _ share: Double) -> Double? {
        guard let last = sorted.last else { return nil }
        let place = share * Double(sorted.count - 1)
        let before = Int(place)
        if before + 1 >= sorted.count { return last }
        return sorted[before] + (place - Double(before)) * (sorted[before + 1] - sorted[before])
    }

    var json: JSON {
        [
            "median": .number(median), "low": .number(low), "high": .number(high), "mean": .number(mean),
            "deviation": .number(deviation),
        ]
    }
}
