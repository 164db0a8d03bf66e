import Glibc
import MartletAssembly
import MartletModel
import MartletSystem

/// Shows what a job prints as it comes, until it is collected or its tasks are over. Files are looked at again and again, as
/// nothing else tells what another machine has written to a shared one.
struct JobLogFollower {
    /// Between two looks at the log, in microseconds; a look at the ledger is taken at every tenth.
    private static let pause: UInt32 = 500_000

    let log: JobLog
    /// The state directory.
    let state: String
    /// Whose job it is: when it is collected for this task, that is enough. nil: of all of its tasks.
    var task: String?

    /// - Parameter offset: what stands before is known.
    /// - Throws: `.fileUnreadable`, `.recordUnreadable`.
    func follow(from offset: UInt64) throws(Diagnostic) {
        var offset = offset, looks = 0
        while true {
            let isOpen = looks % 10 == 0 ? try isOpen() : true
            // what was printed before the job was collected is there by now
            while case let bytes = try log.more(since: &offset), !bytes.isEmpty { Terminal.write(bytes[...]) }
            if !isOpen { return }
            usleep(JobLogFollower.pause)
            looks += 1
        }
    }

    private func isOpen() throws(Diagnostic) -> Bool {
        try OpenJobs(of: state, asks: false).jobs.contains { job in
            job.key == log.key && (task.map { job.tasks.contains($0) } ?? true)
        }
    }
}
