extension FixedWidthInteger {
    /// A whole number from one that a file, a user or another program has written: towards zero, the nearest that there is where
    /// it is out of range, and 0 of what is no number. A plain conversion would end the process.
    public init(saturating value: Double) {
        if value.isNaN {
            self = 0
        } else if let exact = Self(exactly: value.rounded(.towardZero)) {
            self = exact
        } else {
            self = value < 0 ? .min : .max
        }
    }
}
