/// A site of the simulated grid: what it does to jobs, and to those who ask it about them.
public struct Site: Sendable {
    public var name: String
    /// Jobs that run there at a time.
    public var slots: Int
    /// Seconds that a job takes there.
    public var duration: ClosedRange<Double> = 1800...5400

    // Chances for each submission of an array.
    /// It is accepted, and the answer is lost.
    public var losesAnswers = 0.0
    /// It is lost on the way, and nobody knows.
    public var losesSubmissions = 0.0

    // What it says when it is asked.
    /// Seconds for which jobs are missing from lists that claim to be complete, after their submission.
    public var lag = 0.0
    /// Chance that a list breaks off, and says so.
    public var breaksOff = 0.0
    /// Seconds between the beginnings of two times in which it does not answer, and how long each lasts. 0: it always does.
    public var outages = (every: 0.0, lasting: 0.0)
    /// Seconds after which it knows nothing of jobs that have ended.
    public var memory = Double.infinity
    /// New jobs get ids of jobs that have ended.
    public var reusesIDs = false

    // Chances for each job.
    /// Its node cannot run it: it ends after a second.
    public var brokenNodes = 0.0
    /// It is thrown out half way.
    public var evictions = 0.0
    /// It is held instead of started.
    public var holds = 0.0

    public init(_ name: String, slots: Int) {
        self.name = name
        self.slots = slots
    }

    func isAway(at seconds: Double) -> Bool {
        outages.every > 0 && seconds.truncatingRemainder(dividingBy: outages.every) > outages.every - outages.lasting
    }

    /// Seven sites, each of which lies, loses or delays in its own way.
    public static var seven: [Site] {
        var honest = Site("honest", slots: 600)
        honest.duration = 3000...4200
        var lagging = Site("lagging", slots: 400)
        (lagging.lag, lagging.memory) = (50, 900)
        var partial = Site("partial", slots: 300)
        partial.breaksOff = 0.3
        var mute = Site("mute", slots: 300)
        (mute.losesAnswers, mute.losesSubmissions) = (0.3, 0.1)
        var flaky = Site("flaky", slots: 200)
        (flaky.brokenNodes, flaky.holds) = (0.05, 0.01)
        var shared = Site("shared", slots: 200)
        (shared.evictions, shared.reusesIDs) = (0.1, true)
        var away = Site("away", slots: 100)
        (away.outages, away.lag, away.losesAnswers) = ((every: 14400, lasting: 1800), 30, 0.1)
        return [honest, lagging, partial, mute, flaky, shared, away]
    }
}
