import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// Another run's claims, as far as its file has been read.
struct OtherRun {
    enum Standing {
        case claimed, ahead, done, returned
    }

    let path: String
    /// nil until its header could be read.
    private(set) var holder: LeaseHolder?
    private(set) var tasks: [TaskDigest: Standing] = [:]
    /// What stands behind some point of the file cannot be read: any task may have been its.
    private(set) var isDamaged = false
    /// It will claim nothing more: it said so, or nobody of it is left.
    var isGone = false
    private var offset: UInt64 = 0
    /// Nanoseconds until what it says of ended tasks counts: their outputs were written before, and may be seen later.
    private let lag: UInt64
    private var late: [(due: UInt64, kind: ClaimRecord.Kind, task: TaskDigest)] = []
    /// How often a task is named in `late`.
    private var lateTasks: [TaskDigest: Int] = [:]

    /// It is at work on the task within which this run was started.
    private let enclosing: EnclosingRun?

    init(path: String, lag: UInt64 = 0, enclosing: EnclosingRun? = nil) {
        self.path = path
        self.enclosing = enclosing
        self.lag = lag
    }

    func holds(_ task: TaskDigest) -> Bool {
        guard !isGone, let standing = tasks[task] else { return false }
        // what it has not begun it may never begin before this run has ended
        if let enclosing { return standing == .claimed && task != enclosing.task }
        return standing == .claimed || standing == .ahead
    }

    /// Reads what was appended since the last time.
    /// - Throws: what the operating system says; ENOENT when the file is no more.
    mutating func read(_ now: UInt64) throws(SystemError) {
        defer { countLate(now) }
        if isDamaged { return }
        while true {
            let bytes = try File.read(path, offset: offset, count: 1 << 20)
            guard !bytes.isEmpty else { return }
            let taken = take(bytes, now)
            offset += UInt64(taken)
            if taken == 0 || bytes.count < 1 << 20 { return }
        }
    }

    private mutating func take(_ bytes: [UInt8], _ now: UInt64) -> Int {
        var at = 0
        if holder == nil {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return 0 }
            guard let header = ClaimHeader(line: bytes[..<end]) else {
                isDamaged = true
                return 0
            }
            holder = header.holder
            at = end + 1
        }
        do {
            return try bytes.withUnsafeBytes { (raw) throws(ClaimRecord.Damage) -> Int in
                at + (try ClaimRecord.readAll(UnsafeRawBufferPointer(rebasing: raw[at...])) { note($0, $1, now) })
            }
        } catch {
            isDamaged = true
            return at
        }
    }

    private mutating func note(_ kind: ClaimRecord.Kind, _ task: TaskDigest, _ now: UInt64) {
        if kind == .moment { return }
        let ends = kind == .done || kind == .returned || kind == .ended
        if ends && lag > 0 {
            lateTasks[task, default: 0] += 1
            return late.append((now + lag, kind, task))
        }
        // claimed anew: what was said of it before is past
        if !ends && lateTasks[task] != nil { forget { $0.task == task && $0.kind != .ended } }
        count(kind, task)
    }

    private mutating func forget(_ isPast: ((due: UInt64, kind: ClaimRecord.Kind, task: TaskDigest)) -> Bool) {
        for one in late where isPast(one) { lateTasks[one.task] = lateTasks[one.task].flatMap { $0 > 1 ? $0 - 1 : nil } }
        late.removeAll(where: isPast)
    }

    private mutating func countLate(_ now: UInt64) {
        for one in late.prefix(while: { $0.due <= now }) { count(one.kind, one.task) }
        if let first = late.first, first.due <= now { forget { $0.due <= now } }
    }

    private mutating func count(_ kind: ClaimRecord.Kind, _ task: TaskDigest) {
        switch kind {
        case .claimed: tasks[task] = .claimed
        case .ahead: tasks[task] = .ahead
        case .done: tasks[task] = .done
        case .returned: tasks[task] = .returned
        case .ended: isGone = true
        case .moment: break
        }
    }
}
