/// When a request that failed is sent again.
struct RetryPolicy: Sendable {
    /// How often a request is sent at the most.
    var tries = 4
    /// Seconds: the longest pause before the second try, doubled for each that follows, up to a limit.
    var firstPause = 0.5
    var longestPause = 20.0
    /// Seconds: a server that asks for a longer pause is taken at its word, and not asked again.
    var longestWait = 120.0

    /// Anything between nothing and the bound, so that many clients do not come back together ("full jitter").
    /// - Parameters:
    ///   - attempts: how often the request was sent.
    ///   - asked: seconds that the server asked for; they come first, the jitter on top.
    /// - Returns: seconds; nil when it is not to be sent again.
    func pause(
        after attempts: Int, asked: Double?, _ random: inout some RandomNumberGenerator
    ) -> Double? {
        guard attempts < tries, (asked ?? 0) <= longestWait else { return nil }
        let bound = firstPause * Double(UInt64(1) << UInt64(min(max(attempts - 1, 0), 30)))
        return max(asked ?? 0, 0) + Double.random(in: 0...min(bound, longestPause), using: &random)
    }

    /// The seconds that `Retry-After` asks for (RFC 9110, section 10.2.3). A date is compared with the server's own clock.
    static func asked(_ headers: HTTPHeaders) -> Double? {
        guard let text = headers["retry-after"] else { return nil }
        if let seconds = Double(text), seconds >= 0 { return seconds }
        guard let until = HTTPDate.seconds(text), let now = headers["date"].flatMap(HTTPDate.seconds) else { return nil }
        return Double(max(0, until - now))
    }
}
