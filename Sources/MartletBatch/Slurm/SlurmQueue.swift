import Glibc
import MartletPorts

/// What squeue prints of jobs: a line each.
enum SlurmQueue {
    static let format = [
        "ArrayJobID", "ArrayTaskID", "Name", "State", "exit_code", "NodeList", "Reason",
    ].map { "\($0):|" }.joined(separator: ",")

    static func jobs(_ output: String, of asked: [AskedSubmission]) -> [SeenJob] {
        let tags = Set(asked.map(\.tag))
        return output.split(whereSeparator: \.isNewline).compactMap { line in
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            guard fields.count >= 7, let index = Int(fields[1]), tags.contains(String(fields[2])) else { return nil }
            let word = fields[3], reason = String(fields[6])
            let state = state(word, status: Int32(fields[4]) ?? 0, reason: reason)
            return SeenJob(
                JobKey(String(fields[2]), index), JobID("\(fields[0])_\(index)"), state, node: SlurmState.node(fields[5]))
        }
    }

    /// - Parameter status: as wait(2) has it.
    private static func state(_ word: Substring, status: Int32, reason: String) -> SeenState {
        let signal = status & 0x7F
        return SlurmState.of(word, exit: signal == 0 ? status >> 8 & 0xFF : 0, signal: signal, reason: reason)
    }
}

/// What sacct prints of jobs and their steps: a line each, those of the steps for the memory that they used.
enum SlurmHistory {
    static let format = "JobID,JobName%64,State,ExitCode,NodeList,MaxRSS"

    static func jobs(_ output: String, of asked: [AskedSubmission]) -> [SeenJob] {
        let tags = Set(asked.map(\.tag))
        var jobs: [SeenJob] = []
        for line in output.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
            guard fields.count >= 6 else { continue }
            if fields[0].contains(".") {
                // a step follows its job
                guard let last = jobs.indices.last, fields[0].hasPrefix("\(jobs[last].id.raw).") else { continue }
                if let bytes = bytes(fields[5]) { jobs[last].peakMemory = max(jobs[last].peakMemory ?? 0, bytes) }
            } else if tags.contains(String(fields[1])) {
                let code = fields[3].split(separator: ":").map { Int32($0) ?? 0 }
                let state = SlurmState.of(fields[2], exit: code.first ?? 0, signal: code.last ?? 0, reason: "")
                for (id, index) in elements(fields[0]) {
                    jobs.append(SeenJob(JobKey(String(fields[1]), index), id, state, node: SlurmState.node(fields[4])))
                }
            }
        }
        // an element that has begun may still stand among those that wait together
        return Dictionary(jobs.map { ($0.key, $0) }) { $0.state.rank >= $1.state.rank ? $0 : $1 }.values
            .sorted { ($0.key.tag, $0.key.index) < ($1.key.tag, $1.key.index) }
    }

    /// `12_7`, or for those that never began together `12_[0-3,9]`.
    static func elements(_ text: Substring) -> [(JobID, Int)] {
        let parts = text.split(separator: "_", maxSplits: 1)
        guard parts.count == 2 else { return [] }
        let indices: [Int]
        if let index = Int(parts[1]) {
            indices = [index]
        } else {
            let inside = parts[1].drop { $0 == "[" }.prefix { $0 != "]" && $0 != "%" }
            indices = inside.split(separator: ",").flatMap { range -> [Int] in
                let step = range.split(separator: ":")
                let ends = step[0].split(separator: "-").compactMap { Int($0) }
                guard let first = ends.first, let last = ends.last, first <= last else { return [] }
                return Array(stride(from: first, through: last, by: step.count > 1 ? max(1, Int(step[1]) ?? 1) : 1))
            }
        }
        return indices.map { (JobID("\(parts[0])_\($0)"), $0) }
    }

    /// `3240K`, `1.5G`
    private static func bytes(_ text: Substring) -> UInt64? {
        guard let unit = text.last, let place = "KMGT".firstIndex(of: unit) else { return UInt64(text) }
        let power = "KMGT".distance(from: "KMGT".startIndex, to: place) + 1
        return Double(text.dropLast()).map { UInt64(saturating: $0 * pow(1024, Double(power))) }
    }
}

extension SeenState {
    /// How far a job has come.
    fileprivate var rank: Int {
        switch self {
        case .pending: return 0
        case .held: return 1
        case .running: return 2
        case .ended: return 3
        }
    }
}

/// Slurm's words for states.
enum SlurmState {
    /// Reasons for which a job waits that do not pass by themselves (https://slurm.schedmd.com/job_reason_codes.html). Who holds
    /// a job of their own has a reason for that.
    private static let stuck = [
        "JobHeldAdmin", "launch failed requeued held", "launch_failed_requeued_held", "JobHoldMaxRequeue",
        "BadConstraints", "PartitionConfig", "PartitionTimeLimit", "DependencyNeverSatisfied",
        "InvalidAccount", "InvalidQOS", "AccountNotAllowed", "QOSNotAllowed", "MaxMemPerLimit", "ReservationDeleted",
    ]

    /// Whether it is for ever that a job waits for this reason.
    static func isStuck(_ reason: String) -> Bool {
        stuck.contains { reason.contains($0) } || isBeyondItsLimit(reason)
    }

    /// A job alone asks for more, or less, than its account or QOS lets any have. What all jobs of a user, an account or a QOS
    /// may have together (`QOSGrp…`, `…PerUser…`, `…JobsLimit`) is a matter of time.
    private static func isBeyondItsLimit(_ reason: String) -> Bool {
        if reason.hasPrefix("QOSMin") { return true }
        return (reason.hasPrefix("QOSMax") || reason.hasPrefix("AssocMax"))
            && (reason.contains("PerJob") || reason.contains("PerNode"))
    }

    static func of(_ word: Substring, exit: Int32, signal: Int32, reason: String) -> SeenState {
        switch word.prefix(while: { $0 != " " && $0 != "+" }) {  // "CANCELLED by 1000", "COMPLETED+"
        case "PENDING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT":
            return isStuck(reason) ? .held(reason) : .pending(reason == "None" || reason.isEmpty ? nil : reason)
        case "RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING":
            return .running
        case "COMPLETED": return .ended(.succeeded)
        case "FAILED": return .ended(signal != 0 ? .signalled(signal) : .exited(exit))
        case "OUT_OF_MEMORY": return .ended(.outOfMemory)
        case "TIMEOUT", "DEADLINE": return .ended(.timeLimit)
        case "NODE_FAIL", "BOOT_FAIL", "LAUNCH_FAILED", "RECONFIG_FAIL": return .ended(.nodeFailure(String(word)))
        case "PREEMPTED": return .ended(.evicted("preempted"))
        case "CANCELLED": return .ended(.cancelled)
        default: return .ended(.unknown(String(word)))
        }
    }

    static func node(_ text: Substring) -> String? {
        text.isEmpty || text.hasPrefix("None") || text.hasPrefix("(null)") || text.contains(",") ? nil : String(text)
    }
}
