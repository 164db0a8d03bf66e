/// Which of several queues, partitions or computing elements the next jobs go to. Decides in a value, by counts alone: how
/// fast a queue is shows in how many of its jobs run.
///
/// A queue is given jobs as long as no more wait there than run, or than a handful: what is not bound to a place yet goes to
/// whoever has room first. One that has failed several jobs in a row rests, and is then tried with a few, until one has
/// done its work.
struct QueueChoice {
    /// Jobs in a queue.
    struct Load: Equatable {
        var pending = 0
        var running = 0
    }

    private struct Record {
        /// Jobs that were lost there since one has done its work.
        var losses = 0
        /// It has rested since one has done its work.
        var isOnTrial = false
        /// Until when it gets no jobs, and how long that was: nanoseconds of the monotonic clock.
        var restsUntil: UInt64 = 0
        var rest = QueueChoice.firstRest
        /// What the next pause is for which it cannot be reached.
        var pause = QueueChoice.firstPause
    }

    /// So many may wait anywhere, whatever runs there.
    static let handful = 100
    /// Losses in a row for which a queue rests.
    static let mostLosses = 10
    /// So many a queue has at a time that has rested: fewer than a further rest needs would prove nothing.
    static let trial = 10
    /// Nanoseconds: the first rest, and the longest; each is twice the one before.
    static let firstRest: UInt64 = 300_000_000_000
    static let longestRest: UInt64 = 7_200_000_000_000
    /// Nanoseconds for which a queue is left alone that cannot be reached: at first, and at the most.
    static let firstPause: UInt64 = 30_000_000_000
    static let longestPause: UInt64 = 600_000_000_000

    /// Nanoseconds for which a count of jobs is good.
    private static let countPause: UInt64 = 1_000_000_000

    private var records: [String: Record] = [:]
    /// Jobs by queue when they were counted last, and what was given out since.
    private var loads: [String: Load] = [:]
    private var nextCount: UInt64 = 0

    /// How many of so many jobs each queue is given, in the order of the queues; none where all are full or rest.
    /// - Parameters:
    ///   - count: counts the jobs that are where; asked at most once a second.
    ///   - now: the monotonic clock, in nanoseconds.
    mutating func shares(
        of jobs: Int, among queues: [String], now: UInt64, count: () -> [String: Load]
    ) -> [(queue: String, jobs: Int)] {
        if now >= nextCount {
            loads = count()
            nextCount = now &+ QueueChoice.countPause
        }
        let rooms = queues.map { room(in: $0, now) }
        let given = QueueChoice.split(jobs, among: rooms)
        for (queue, jobs) in zip(queues, given) { loads[queue, default: Load()].pending += jobs }
        return zip(queues, given).filter { $0.1 > 0 }.map { ($0.0, $0.1) }
    }

    private func room(in queue: String, _ now: UInt64) -> Int {
        if rests(queue, now: now) { return 0 }
        let load = loads[queue] ?? Load()
        if records[queue]?.isOnTrial == true { return max(0, QueueChoice.trial - load.pending - load.running) }
        let most = max(QueueChoice.handful, load.running), room = most - load.pending
        // a few at a time would be a submission each
        return room >= most / 4 ? room : 0
    }

    /// In proportion to the rooms, so that none is filled before another has got any; what rounding leaves goes to the first.
    private static func split(_ jobs: Int, among rooms: [Int]) -> [Int] {
        let whole = rooms.reduce(0, +), wanted = min(jobs, whole)
        var given = rooms.map { whole == 0 ? 0 : wanted * $0 / whole }
        var left = wanted - given.reduce(0, +)
        for i in rooms.indices where left > 0 {
            let more = min(left, rooms[i] - given[i])
            given[i] += more
            left -= more
        }
        return given
    }

    /// Whether it gets no jobs at the moment. - Parameter queue: empty where none is named.
    func rests(_ queue: String, now: UInt64) -> Bool { records[queue].map { now < $0.restsUntil } ?? false }

    /// It could not be reached. - Returns: seconds after which it is tried again.
    mutating func unreachable(_ queue: String, now: UInt64) -> Double {
        var record = records[queue] ?? Record()
        defer { records[queue] = record }
        let pause = record.pause
        record.restsUntil = max(record.restsUntil, now + pause)
        record.pause = min(2 * pause, QueueChoice.longestPause)
        return Double(pause) / 1e9
    }

    mutating func succeeded(at queue: String) { records[queue] = nil }

    /// A job there ended without a word from its task, or was refused.
    /// - Returns: seconds for which the queue rests from now on; nil when it goes on.
    mutating func lost(at queue: String, now: UInt64) -> Double? {
        var record = records[queue] ?? Record()
        defer { records[queue] = record }
        record.losses += 1
        // those that were there before it began to rest say nothing new
        guard record.losses >= QueueChoice.mostLosses, now >= record.restsUntil else { return nil }
        let rest = record.rest
        record.restsUntil = now + rest
        record.rest = min(2 * rest, QueueChoice.longestRest)
        record.losses = QueueChoice.mostLosses / 2
        record.isOnTrial = true
        return Double(rest) / 1e9
    }
}
