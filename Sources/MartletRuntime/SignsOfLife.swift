import MartletPorts
import MartletSystem

/// Which running jobs have stopped saying that they are alive (`martlet.running.heartbeat`).
///
/// A job's file counts as a sign whenever it has changed between two looks; how long ago that was is told by this
/// process's own clock. Where jobs share no files with this machine there is no sign of any, and nothing is said.
struct SignsOfLife {
    /// Nanoseconds without a sign after which a job is told of, and between two looks.
    static let silence: UInt64 = 600_000_000_000
    private static let interval: UInt64 = 60_000_000_000

    private struct Watched {
        var status: PathStatus?
        var since: UInt64
        var isTold = false
    }

    private var watched: [JobKey: Watched] = [:]
    private var next: UInt64 = 0
    /// A sign of some job was seen here.
    private var areShared = false

    static func path(of job: JobKey, in folder: String) -> String { "\(folder)/\(job.index).alive" }

    func isDue(_ now: UInt64) -> Bool { now >= next }

    /// - Parameter running: what the system calls running, with the folders of the submissions.
    /// - Returns: those that have been silent for too long, each once.
    mutating func look(at running: [(job: JobKey, folder: String)], now: UInt64) -> [JobKey] {
        next = now &+ SignsOfLife.interval
        var left: [JobKey: Watched] = [:], silent: [JobKey] = []
        let answers = StatMany.status(of: running.map { SignsOfLife.path(of: $0.job, in: $0.folder) })
        for ((job, _), answer) in zip(running, answers) {
            var status: PathStatus?
            if case .success(let found) = answer { (status, areShared) = (found, true) }
            var one = watched[job] ?? Watched(status: status, since: now)
            if one.status != status { one = Watched(status: status, since: now) }
            if areShared && !one.isTold && now &- one.since >= SignsOfLife.silence {
                one.isTold = true
                silent.append(job)
            }
            left[job] = one
        }
        watched = left
        return silent
    }
}
