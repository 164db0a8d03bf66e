import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// The folder of claims: this run's file and what the others' files say.
///
/// A file is kept until no run is alive that began while its writer was: so whoever has joined finds every task that
/// another run had to do with since.
struct ClaimBook {
    let directory: String
    private(set) var own: ClaimFile?
    private let lag: UInt64
    private(set) var others: [String: OtherRun] = [:]
    /// Runs within which this one was started, by the names of their files. They live as long as this one.
    private let enclosing: [String: EnclosingRun]
    /// Others came or went while this run looked at outputs and had not joined: any task may be complete by now.
    var isStale = false

    /// - Parameter lag: nanoseconds after which everybody sees what was written.
    init(directory: String, enclosing: [EnclosingRun], lag: UInt64 = 0) {
        self.lag = lag
        self.directory = directory
        self.enclosing = Dictionary(enclosing.map { ($0.file, $0) }) { first, _ in first }
    }

    /// Files of runs that were alive when this run began to look at outputs; nil when that cannot be told.
    private var alive: Set<String>? = []

    var hasOthers: Bool { !others.isEmpty }
    var hasLiveOthers: Bool { !enclosing.isEmpty || others.values.contains { !$0.isGone } }

    /// Notes who is alive. Touches nothing.
    mutating func observe(_ isAlive: (OtherRun) throws(SystemError) -> Bool) {
        do throws(SystemError) {
            var found: Set<String> = []
            for name in try Directory.list(directory).map(\.name) where name.hasSuffix(ClaimFile.fileExtension) {
                if enclosing[name] == nil, try isAlive(OtherRun(path: "\(directory)/\(name)")) { found.insert(name) }
            }
            alive = found
        } catch {
            alive = error.code == ENOENT ? [] : nil
        }
    }

    /// A run that was alive then is gone, maybe without a word: it may have made something since.
    var hasLostOthers: Bool { alive?.contains { others[$0]?.isGone ?? true } ?? true }

    /// Makes this run's file.
    mutating func open() throws(Diagnostic) -> ClaimFile {
        let file = try ClaimFile(directory: directory)
        own = file
        return file
    }

    /// Reads what others have written since the last time.
    /// - Parameter isAlive: asked of each that was alive before its file is read, so that nothing it wrote while it
    ///   lived is missed.
    mutating func read(_ now: UInt64, _ isAlive: (OtherRun) throws(SystemError) -> Bool) throws(Diagnostic) {
        do throws(SystemError) {
            let names = try Directory.list(directory).map(\.name).filter { $0.hasSuffix(ClaimFile.fileExtension) }
            for name in names where name != own?.name && enclosing[name]?.isHere != true && others[name] == nil {
                others[name] = OtherRun(path: "\(directory)/\(name)", lag: lag, enclosing: enclosing[name])
            }
            for name in others.keys where !others[name]!.isGone { try read(name, now, isAlive) }
        } catch {
            throw Diagnostic(.recordUnreadable, subject: directory, cause: error.text)
        }
    }

    private mutating func read(
        _ name: String, _ now: UInt64, _ isAlive: (OtherRun) throws(SystemError) -> Bool
    ) throws(SystemError) {
        do throws(SystemError) {
            let alive = try isAlive(others[name]!)
            try others[name]!.read(now)
            if !alive { others[name]!.isGone = true }
        } catch {
            // nobody is left who began while it was alive, this run apart: what was read of it stands
            guard error.code == ENOENT else { throw error }
            others[name]!.isGone = true
        }
    }

    /// Who holds a task.
    func holder(of task: TaskDigest) -> LeaseHolder? {
        // the lease check: whoever takes this line out lets two runs start one task
        for other in others.values where other.holds(task) { return other.holder ?? LeaseHolder(host: "", pid: 0) }
        return nil
    }

    /// Another run that had to do with a task, the one that ran it well before all.
    func trace(of task: TaskDigest) -> (holder: LeaseHolder?, done: Bool)? {
        var found: (holder: LeaseHolder?, done: Bool)? = isStale ? (nil, false) : nil
        for other in others.values {
            guard let standing = other.tasks[task] else {
                if other.isDamaged { found = found ?? (other.holder, false) }
                continue
            }
            if standing == .done { return (other.holder, true) }
            found = (other.holder, false)
        }
        return found
    }

    /// Of two runs that met on a task, which goes first. Every run decides it alike.
    func comesBefore(_ task: TaskDigest) -> Bool {
        guard let own else { return true }
        return !others.contains { $0.value.holds(task) && $0.key < own.name }
    }

    func answer(for task: TaskDigest) -> LeaseAnswer {
        if let holder = holder(of: task) { return .held(holder) }
        if let trace = trace(of: task) { return .oursAfter(trace.holder, done: trace.done) }
        return .ours
    }

    func standing(of task: TaskDigest) -> LeaseStanding {
        if let holder = holder(of: task) { return .held(holder) }
        let trace = trace(of: task)
        return .free(trace?.holder, done: trace?.done ?? false)
    }

    /// This run has ended.
    mutating func close() { own = nil }

    /// Removes the files of runs that are gone. Only when nobody is alive who may have to read them.
    mutating func sweep() {
        for other in others.values { ClaimFile.remove(other.path) }
        others = [:]
    }
}
