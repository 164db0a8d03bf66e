import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// Who holds some tasks at this moment, for one who takes no part: nothing is claimed, written or waited for.
///
/// A run that does not lock its claims keeps a heartbeat. Whether that still changes cannot be seen in one look, so it is
/// told how long ago it did. What a run has not given back yet, it may have ended: its reports tell.
public struct LeaseSurvey: Sendable {
    /// Tasks that nobody holds are not there.
    public private(set) var held: [TaskDigest: HeldLease] = [:]

    /// - Parameter directory: of claims; it need not exist.
    /// - Throws: `.recordUnreadable`.
    public init(of tasks: Set<TaskDigest>, directory: String) throws(Diagnostic) {
        if tasks.isEmpty { return }
        do throws(SystemError) {
            for name in try Directory.list(directory).map(\.name).sorted() where name.hasSuffix(ClaimFile.fileExtension) {
                try look(at: "\(directory)/\(name)", named: String(name.dropLast(ClaimFile.fileExtension.count)), tasks)
            }
        } catch {
            if error.code == ENOENT { return }
            throw Diagnostic(.recordUnreadable, subject: directory, cause: error.text)
        }
    }

    private mutating func look(at path: String, named run: String, _ tasks: Set<TaskDigest>) throws(SystemError) {
        do throws(SystemError) {
            let beat = Directory.modified(HeartbeatWatch.path(of: path))
            if beat == nil {
                let isAlive = try FileLock.isHeld(try File.openReading(path))
                guard isAlive else { return }
            }
            let silence = beat.map { max(0, Double(SystemClock().wall() - $0) / 1e9) }
            var claims = Claims()
            try claims.read(path, tasks)
            if claims.hasEnded { return }
            for (task, claim) in claims.held {
                held[task] = HeldLease(
                    run: run, holder: claims.holder ?? LeaseHolder(host: "", pid: 0), since: claim.since,
                    isStarted: claim.isStarted, silence: silence)
            }
        } catch {
            // gone since the folder was listed: it holds nothing
            if error.code != ENOENT { throw error }
        }
    }

    /// What one run's file says of the tasks that are asked about.
    private struct Claims {
        var holder: LeaseHolder?
        var held: [TaskDigest: (since: Int64?, isStarted: Bool)] = [:]
        var hasEnded = false
        private var moment: Int64?

        mutating func read(_ path: String, _ tasks: Set<TaskDigest>) throws(SystemError) {
            var offset: UInt64 = 0
            while true {
                let bytes = try File.read(path, offset: offset, count: 1 << 20)
                let taken = take(bytes, tasks)
                offset += UInt64(taken)
                if taken == 0 || bytes.count < 1 << 20 { return }
            }
        }

        /// - Returns: how many bytes were whole records; what is behind damage is not read.
        private mutating func take(_ bytes: [UInt8], _ tasks: Set<TaskDigest>) -> Int {
            var at = 0
            if holder == nil {
                guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), let header = ClaimHeader(line: bytes[..<end])
                else { return 0 }
                holder = header.holder
                at = end + 1
            }
            do {
                return try bytes.withUnsafeBytes { (raw) throws(ClaimRecord.Damage) -> Int in
                    at + (try ClaimRecord.readAll(UnsafeRawBufferPointer(rebasing: raw[at...])) { note($0, $1, tasks) })
                }
            } catch {
                return 0
            }
        }

        private mutating func note(_ kind: ClaimRecord.Kind, _ task: TaskDigest, _ tasks: Set<TaskDigest>) {
            switch kind {
            case .moment: moment = Int64(bitPattern: task.raw)
            case .ended: hasEnded = true
            case .claimed, .ahead: if tasks.contains(task) { held[task] = (moment, kind == .claimed) }
            case .done, .returned: held[task] = nil
            }
        }
    }
}
