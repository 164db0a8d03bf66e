import Glibc
import MartletAssembly
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting

/// Plays `batchContract` on a batch system, as a run reaches it:
///
///     {"batch": name, "directory": an existing directory that jobs see, "tag": what tags begin with,
///      "queue": where jobs are submitted to, "queues": bool}
func playBatch(_ request: JSON, name: String) -> Findings {
    guard let directory = request["directory"]?.string else { refuse("there is no directory") }
    do throws(Diagnostic) {
        return try batchContract(
            directory: directory, tag: request["tag"]?.string ?? "contract", queue: request["queue"]?.string,
            hasQueues: request["queues"]?.bool ?? false, now: SystemClock().monotonic, pause: { usleep(50_000) }
        ) { () throws(Diagnostic) in try Assembly.batchSystem(name: name, state: directory, limit: 100) }
    } catch {
        refuse(Wording.text(error).line)
    }
}
