import MartletPorts

/// When the batch system is asked about jobs, and what its lists prove.
struct JobPolling {
    /// What the system was asked about, and since when.
    struct Question {
        var began: UInt64
        var asked: Set<String>
    }

    /// Nanoseconds after a submission to an empty system in which its jobs are looked at more often, and seconds between
    /// two looks then, unless the user says. A run that submits all the time does not ask all the time.
    private static let youth: UInt64 = 30_000_000_000
    private static let youngInterval = 5.0

    /// Complete lists without a job after which it counts as missing.
    let patience: Int
    /// Nanoseconds for which a job may be missing from lists.
    let grace: UInt64
    private let habits: BatchHabits
    /// Seconds, as the user said.
    private let chosen: Double?
    private var question: Question?
    private var last: UInt64?
    /// When the first submission after none was made or, later, answered.
    private var youngSince: UInt64 = 0

    init(_ habits: BatchHabits, chosen: Double?) {
        patience = habits.grace > 0 ? 3 : 1
        grace = UInt64(habits.grace * 1e9)
        self.habits = habits
        self.chosen = chosen
    }

    /// - Parameter isUrgent: something is to be found out soon.
    func isDue(_ now: UInt64, isUrgent: Bool) -> Bool {
        guard question == nil else { return false }
        guard let last else { return true }
        return now >= last &+ interval(now, isUrgent)
    }

    /// Nanoseconds between two questions.
    func interval(_ now: UInt64, _ isUrgent: Bool = false) -> UInt64 {
        var seconds = chosen ?? habits.pollInterval
        if isUrgent { seconds = min(seconds, max(0.5, habits.grace / Double(patience))) }
        if chosen == nil && now &- youngSince < JobPolling.youth { seconds = min(seconds, JobPolling.youngInterval) }
        return UInt64(min(max(seconds, 0), 1e9) * 1e9)
    }

    mutating func begin(_ asked: [AskedSubmission], _ now: UInt64) {
        question = Question(began: now, asked: Set(asked.map(\.tag)))
        last = now
    }

    /// The answer is there. - Returns: what was asked; nil when nobody waits for it any more.
    mutating func end() -> Question? {
        defer { question = nil }
        return question
    }

    /// The next question is asked at once.
    mutating func hurry() { last = nil }

    mutating func submittedFirst(_ now: UInt64) { youngSince = now }
}
