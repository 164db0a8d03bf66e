/// Dates in UTC, by arithmetic alone.
public enum UTC {
    /// `20260131T235959Z`, for file names that sort by time.
    /// - Parameter nanoseconds: since 1970-01-01.
    public static func compact(_ nanoseconds: Int64) -> String {
        let d = fields(nanoseconds)
        return "\(pad(d.year, 4))\(pad(d.month, 2))\(pad(d.day, 2))T"
            + "\(pad(d.hour, 2))\(pad(d.minute, 2))\(pad(d.second, 2))Z"
    }

    /// `2026-01-31 23:59:59`, for readers.
    public static func readable(_ nanoseconds: Int64) -> String {
        let d = fields(nanoseconds)
        return "\(pad(d.year, 4))-\(pad(d.month, 2))-\(pad(d.day, 2)) "
            + "\(pad(d.hour, 2)):\(pad(d.minute, 2)):\(pad(d.second, 2))"
    }

    private static func pad(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> (Int64, Int64) {
        let (q, r) = a.quotientAndRemainder(dividingBy: b)
        return r < 0 ? (q - 1, r + b) : (q, r)
    }

    // The proleptic Gregorian calendar in eras of 400 years, years taken from March on so that the leap day is last.
    private static func fields(
        _ nanoseconds: Int64
    ) -> (year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64) {
        let (seconds, _) = floorDivide(nanoseconds, 1_000_000_000)
        let (days, time) = floorDivide(seconds, 86400)
        let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * march + 2) / 5 + 1, time / 3600, time / 60 % 60, time % 60)
    }
}
