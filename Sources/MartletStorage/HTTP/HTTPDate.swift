/// Dates as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7, without the obsolete forms), and
/// as WebDAV's creationdate does: `1994-11-06T08:49:37Z` (RFC 3339).
enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Seconds since 1970-01-01 UTC; nil for what is no such date.
    static func seconds(_ text: String) -> Int64? {
        let parts = text.split { $0 == " " || $0 == "," }
        guard parts.count >= 5, let day = Int64(parts[1]), let month = months.firstIndex(of: String(parts[2])),
            let year = Int64(parts[3])
        else { return rfc3339(text) }
        return moment(year, Int64(month) + 1, day, parts[4])
    }

    private static func rfc3339(_ text: String) -> Int64? {
        let halves = text.split(separator: "T", maxSplits: 1)
        guard halves.count == 2 else { return nil }
        let date = halves[0].split(separator: "-").compactMap { Int64($0) }
        guard date.count == 3, text.hasSuffix("Z") else { return nil }
        return moment(date[0], date[1], date[2], halves[1].prefix { $0 != "." && $0 != "Z" })
    }

    private static func moment(_ year: Int64, _ month: Int64, _ day: Int64, _ clock: Substring) -> Int64? {
        let time = clock.split(separator: ":", omittingEmptySubsequences: false).compactMap { Int64($0) }
        guard time.count == 3, (0..<24).contains(time[0]), (0..<60).contains(time[1]), (0...60).contains(time[2]),
            (1...12).contains(month), (1...31).contains(day), (1601...9999).contains(year)
        else { return nil }
        return days(year, month, day) * 86400 + time[0] * 3600 + time[1] * 60 + time[2]
    }

    /// Days since 1970-01-01, in years that begin in March so that the leap day is last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let y = month > 2 ? year : year - 1
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
