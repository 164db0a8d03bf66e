import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// The couriers of this process: started when they are needed, kept for the next request, as many as threads ask at
/// once.
///
/// There is one a process, `shared`: connections and couriers are a process's own, whoever in it asks, and a process
/// that was forked must not use its parent's. Safe for use by several threads. Around fork(2) `beforeFork` and one of
/// the two others are to be called; a child of whom nobody told finds out at its first request.
public final class CourierPool: @unchecked Sendable {
    // Unchecked: all that changes is in `state`, which `lock` guards.

    public static let shared = CourierPool()

    /// So many of a kind are kept when they have nothing to do.
    private static let mostIdle = 4
    /// Seconds for a courier to start in.
    private static let startingPatience = 120.0

    private struct State {
        var owner = Host.pid
        var commands: [Courier.Kind: [String]] = [:]
        var settings = JSON.array([])
        /// Seconds without a sign of life until a request is given up: back ends give up earlier themselves.
        var patience = 600.0
        /// Counts the changes of settings: couriers that have older ones are not asked any more.
        var generation = 0
        var idle: [Courier] = []
        /// Started for requests that are still being put together; they know no settings yet.
        var expected: [Courier.Kind: Courier] = [:]
        /// Killed, and not gone yet.
        var dying: [Courier] = []
        /// All there are, at work or not, for a forked process to forget.
        var all: [Courier] = []
        /// Of plannings: the words with which the stores of a host could not be reached.
        var unreachable: [PlannedHost: StorageError] = [:]
    }

    private struct PlannedHost: Hashable {
        var planning: PlanningID
        var host: String
    }

    // not Synchronization's: that remembers which thread holds it, by a number that fork changes
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var state = State()
    private let longestRequest: Int

    /// - Parameter longestRequest: bytes that a request may have.
    init(longestRequest: Int) {
        self.longestRequest = longestRequest
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
    }

    public convenience init() { self.init(longestRequest: CourierFrame.longest) }

    private func locked<R>(_ body: (inout State) -> R) -> R {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body(&state)
    }

    // MARK: what couriers are

    /// - Parameter commands: of each kind of courier ("swift", "python") program and arguments. The program serves its
    ///   descriptor 3.
    /// - Parameter patience: seconds without a sign of life until a request is given up; nil leaves it.
    public func launch(by commands: [String: [String]], patience: Double? = nil) {
        locked { state in
            for (name, command) in commands { Courier.Kind(rawValue: name).map { state.commands[$0] = command } }
            if let patience { state.patience = patience }
        }
    }

    /// What stores are told of themselves, see `StoreSettings`. Couriers that know otherwise are replaced.
    public func settings(_ settings: JSON) {
        locked { state in
            if state.settings == settings { return }
            state.settings = settings
            state.generation += 1
            state.unreachable = [:]
        }
    }

    var storeSettings: StoreSettings { StoreSettings(locked { $0.settings }) }

    // MARK: asking

    /// Has a courier answer. One that dies over the request is replaced, and the request made once more where that is
    /// safe; a request that gets no answer is `.transient`.
    func ask(
        _ kind: Courier.Kind, _ request: StoreRequest, attention: @escaping Attention,
        _ progress: (TransferProgress) -> Void = { _ in }
    ) -> Result<StoreAnswer, StorageError> {
        let frame = request.frame
        var isSecond = false
        while true {
            do throws(StorageError) {
                let courier = try checkOut(kind, attention)
                do throws(Courier.Trouble) {
                    let answer = try courier.ask(frame, patience: locked { $0.patience }, attention: attention, progress)
                    guard let answers = StoreAnswer(answer, to: request) else {
                        throw .malformed("no answer to each of \(request.targets.count) questions")
                    }
                    checkIn(courier)
                    return .success(answers)
                } catch {
                    if case .tooLong = error {
                        checkIn(courier)
                        return .failure(CourierPool.words(of: error))
                    }
                    drop(courier)
                    if case .gone(_, let acted) = error, !isSecond, request.operation.isRepeatable || !acted {
                        isSecond = true
                        continue
                    }
                    return .failure(CourierPool.words(of: error))
                }
            } catch {
                return .failure(error)
            }
        }
    }

    private static func words(of trouble: Courier.Trouble) -> StorageError {
        switch trouble {
        case .gone(let words, _):
            return StorageError(.transient, "the process that talks to the store ended in the middle of it (\(words))")
        case .silent(let seconds):
            return StorageError(.transient, "there was no answer, and no progress, for \(Int(seconds.rounded(.up))) s")
        case .interrupted: return StorageError(.transient, "interrupted")
        case .tooLong(let reason):
            return StorageError(.unsupported, "\(reason); hint: ask for less, or write it to a file, which is stored in pieces")
        case .malformed(let reason):
            return StorageError(.transient, "the process that talks to the store is not understood: \(reason)")
        }
    }

    private func checkOut(_ kind: Courier.Kind, _ attention: Attention) throws(StorageError) -> Courier {
        forgetIfForked()
        var unfit: [Courier] = []
        let found: Courier? = locked { state in
            var chosen: Courier?
            var kept: [Courier] = []
            // the one that was used last knows what it has seen while planning
            for courier in state.idle.reversed() {
                if courier.generation != state.generation || !courier.isAlive {
                    unfit.append(courier)
                } else if chosen == nil && courier.kind == kind {
                    chosen = courier
                } else {
                    kept.append(courier)
                }
            }
            state.idle = kept.reversed()
            return chosen
        }
        for courier in unfit { drop(courier) }
        if let found { return found }
        return try start(kind, attention)
    }

    /// Starts a courier that will be asked soon, and does not wait for it: it gets ready while the question is put
    /// together. One that nobody asks after all ends with the next request.
    func expect(_ kind: Courier.Kind) {
        forgetIfForked()
        let isThere = locked { state in
            state.expected[kind] != nil || state.idle.contains { $0.kind == kind } || state.commands[kind] == nil
        }
        if isThere { return }
        do throws(StorageError) {
            let courier = try launched(kind)
            let surplus = locked { $0.expected.updateValue(courier, forKey: kind) }
            if let surplus { drop(surplus) }
        } catch {
            return  // who asks is told
        }
    }

    private func launched(_ kind: Courier.Kind) throws(StorageError) -> Courier {
        guard let command = locked({ $0.commands[kind] }), !command.isEmpty else {
            throw StorageError(.unsupported, "no program is known that talks to remote stores (\(kind.rawValue))")
        }
        do {
            let courier = try Courier(kind, command: command, longest: longestRequest)
            locked { $0.all.append(courier) }
            return courier
        } catch {
            throw StorageError(.transient, "the process that talks to stores could not be started: \(error)")
        }
    }

    /// One that was started ahead, if it is still there.
    private func takeExpected(_ kind: Courier.Kind) -> Courier? {
        guard let courier = locked({ $0.expected.removeValue(forKey: kind) }) else { return nil }
        if courier.isAlive { return courier }
        drop(courier)
        return nil
    }

    private func start(_ kind: Courier.Kind, _ attention: Attention) throws(StorageError) -> Courier {
        let courier = if let expected = takeExpected(kind) { expected } else { try launched(kind) }
        let settings = locked { state in
            courier.generation = state.generation
            return state.settings
        }
        let hello = JSON.object([JSONMember("op", .string("hello")), JSONMember("settings", settings)])
        do throws(Courier.Trouble) {
            let answer = try courier.ask(
                CourierFrame(header: hello), patience: CourierPool.startingPatience, attention: attention)
            guard answer.header["version"] == .integer(StoreServer.version) else {
                throw Courier.Trouble.malformed("it is of another version: \(answer.header.text.prefix(80))")
            }
            return courier
        } catch {
            drop(courier)
            if case .gone(let words, _) = error {
                throw StorageError(.unsupported, "the process that talks to stores does not start (\(words))")
            }
            throw CourierPool.words(of: error)
        }
    }

    private func checkIn(_ courier: Courier) {
        courier.tidy()
        let surplus: [Courier] = locked { state in
            state.idle.append(courier)
            let same = state.idle.indices.filter { state.idle[$0].kind == courier.kind }
            let eldest = same.count > CourierPool.mostIdle ? [state.idle.remove(at: same[0])] : []
            defer { state.expected = [:] }
            return eldest + state.expected.values
        }
        for courier in surplus { drop(courier) }
    }

    private func drop(_ courier: Courier) {
        let before = locked { state in
            state.all.removeAll { $0 === courier }
            defer { state.dying = [] }
            return state.dying
        }
        let left = ([courier] + before).filter { !$0.end() }
        if !left.isEmpty { locked { $0.dying += left } }
    }

    // MARK: plannings

    /// What was said when the stores of a host could not be reached in this planning; nil where they could.
    func unreachable(_ host: String, in planning: PlanningID) -> StorageError? {
        locked { $0.unreachable[PlannedHost(planning: planning, host: host)] }
    }

    func noteUnreachable(_ host: String, in planning: PlanningID, _ error: StorageError) {
        locked { state in
            // of plannings long past nobody asks
            if state.unreachable.count > 256 { state.unreachable = [:] }
            state.unreachable[PlannedHost(planning: planning, host: host)] = error
        }
    }

    // MARK: the life of the process

    /// Ends all couriers that have nothing to do; those at work end with their request.
    public func endIdle() {
        let idle = locked { state in
            defer { (state.idle, state.expected) = ([], [:]) }
            return state.idle + state.expected.values
        }
        for courier in idle { drop(courier) }
    }

    /// To be followed by `afterForkInParent` and `afterForkInChild`, on the thread that forks.
    public func beforeFork() { pthread_mutex_lock(lock) }

    public func afterForkInParent() { pthread_mutex_unlock(lock) }

    public func afterForkInChild() {
        CourierPool.forget(&state)
        pthread_mutex_unlock(lock)
    }

    private func forgetIfForked() {
        locked { state in if state.owner != Host.pid { CourierPool.forget(&state) } }
    }

    private static func forget(_ state: inout State) {
        for courier in state.all + state.dying { courier.forget() }
        state.all = []
        state.dying = []
        state.idle = []
        state.expected = [:]
        state.owner = Host.pid
    }
}
