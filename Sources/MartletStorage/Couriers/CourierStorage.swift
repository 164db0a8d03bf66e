import MartletModel
import MartletPorts
import MartletSystem

/// Every store that a courier talks to, seen from here.
///
/// A store that the configuration gives a `backend` of its own, and every scheme that has no back end in Swift, is
/// served by Python.
public struct CourierStorage: StorageBackend {
    /// It serves whatever it is asked about, see `Stores`.
    public static let schemes: [String] = []

    private let pool: CourierPool
    private let swiftSchemes: Set<String>
    private let attention: Attention
    private var usesCaches = true
    /// Bytes that a courier is asked for at once: more come one piece after another.
    var piece = 256 << 20

    /// - Parameter swiftSchemes: schemes that a Swift courier knows.
    public init(_ pool: CourierPool, swiftSchemes: Set<String>, attention: @escaping Attention) {
        self.pool = pool
        self.swiftSchemes = swiftSchemes
        self.attention = attention
    }

    /// The store of this target will be asked soon: its courier is started, and not waited for.
    public func expect(_ target: TargetRef) { pool.expect(kind(of: target, storeSettings)) }

    public func stat(_ targets: [TargetRef]) -> [Result<FileStatus, StorageError>] {
        ask(.stat, targets, StoreAnswer.status)
    }

    /// A host that cannot be reached is not asked again in the same planning.
    public func look(_ targets: [TargetRef], while planning: PlanningID?) -> [Existence] {
        guard let planning else { return existences(targets, nil) }
        let hosts = TargetRef.roots(of: targets)
        var gone: [String: StorageError] = [:]
        for host in Set(hosts) { gone[host] = pool.unreachable(host, in: planning) }
        let asked = targets.indices.filter { gone[hosts[$0]] == nil }
        var answers = targets.indices.map { Existence.unknown(gone[hosts[$0]] ?? CourierStorage.unasked) }
        for (place, answer) in zip(asked, existences(asked.map { targets[$0] }, planning)) { answers[place] = answer }
        note(asked.map { (hosts[$0], answers[$0]) }, planning)
        return answers
    }

    public func list(_ directories: [TargetRef]) -> [Result<[DirectoryEntry], StorageError>] {
        ask(.list, directories, StoreAnswer.entries)
    }

    public func unfinished(_ directories: [TargetRef]) -> [Result<[UnfinishedUpload], StorageError>] {
        ask(.unfinished, directories, StoreAnswer.uploads)
    }

    public func read(_ target: TargetRef, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        var bytes: [UInt8] = []
        while true {
            let wanted = min(count - bytes.count, piece)
            switch readPiece(target, offset: offset &+ UInt64(bytes.count), count: wanted) {
            case .failure(let error): return .failure(error)
            case .success(let piece):
                if bytes.isEmpty { bytes = piece } else { bytes += piece }
                if piece.count < wanted || bytes.count >= count { return .success(bytes) }
            }
        }
    }

    private func readPiece(_ target: TargetRef, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        var request = StoreRequest(.read, [target])
        request.offset = offset
        request.count = count
        return pool.ask(kind(of: target, storeSettings), request, attention: attention).flatMap { answer in
            CourierStorage.only(answer.results { _ in answer.bytes })
        }
    }

    public func put(_ bytes: [UInt8], besides target: TargetRef) -> Result<TargetRef, StorageError> {
        var request = StoreRequest(.put, [target])
        request.bytes = bytes
        return pool.ask(kind(of: target, storeSettings), request, attention: attention).flatMap { answer in
            CourierStorage.only(answer.results { $0["target"]?.string.map { TargetRef($0) } })
        }
    }

    public func commit(_ moves: [Move]) -> [Result<Void, StorageError>] {
        ask(
            .commit, moves.map(\.target), { _ in () },
            completing: { request, places in request.temporaries = places.map { moves[$0].temporary } })
    }

    public func checksum(_ targets: [TargetRef]) -> [Result<Checksum, StorageError>] {
        ask(.checksum, targets, StoreAnswer.checksum)
    }

    public func delete(_ targets: [TargetRef]) -> [Result<Void, StorageError>] {
        ask(.delete, targets, { _ in () })
    }

    public func mkdir(_ directories: [TargetRef]) -> [Result<Void, StorageError>] {
        ask(.mkdir, directories, { _ in () })
    }

    /// From the store's cache where the configuration gives it one.
    public func fetch(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        let settings = storeSettings
        guard usesCaches, settings.mention("cache") else { return fetchPast(transfers, progress) }
        var past = self
        past.usesCaches = false
        return StoreCaches(settings).fetch(transfers, from: past, progress)
    }

    private func fetchPast(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        let answers = carry(.fetch, transfers, progress)
        for (transfer, answer) in zip(transfers, answers) {
            if case .failure = answer { CourierStorage.clear(transfer.partial) }
        }
        return answers
    }

    public func store(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        carry(.store, transfers, progress)
    }

    // MARK: asking

    private var storeSettings: StoreSettings { pool.storeSettings }

    private func kind(of target: TargetRef, _ settings: StoreSettings) -> Courier.Kind {
        if settings.options(for: target)["backend"] != nil { return .python }
        return swiftSchemes.contains(target.scheme) ? .swift : .python
    }

    /// Asks for each kind of courier its part of the batch, and puts the answers in order.
    private func ask<Value>(
        _ operation: StoreRequest.Operation, _ targets: [TargetRef], _ value: (JSON) -> Value?,
        completing complete: (inout StoreRequest, [Int]) -> Void = { _, _ in },
        progress: (TransferProgress) -> Void = { _ in }
    ) -> [Result<Value, StorageError>] {
        var answers = [Result<Value, StorageError>](repeating: .failure(CourierStorage.unasked), count: targets.count)
        for (kind, places) in byKind(targets) {
            var request = StoreRequest(operation, places.map { targets[$0] })
            complete(&request, places)
            switch pool.ask(kind, request, attention: attention, progress) {
            case .success(let answer):
                for (place, result) in zip(places, answer.results(value)) { answers[place] = result }
            case .failure(let error): for place in places { answers[place] = .failure(error) }
            }
        }
        return answers
    }

    /// Which targets each kind of courier is asked about.
    private func byKind(_ targets: [TargetRef]) -> [(Courier.Kind, [Int])] {
        let settings = storeSettings
        let mentions = settings.mention("backend")
        var bySchemes: [String: Courier.Kind] = [:]
        let kinds = targets.map { target -> Courier.Kind in
            if mentions { return kind(of: target, settings) }
            let scheme = target.scheme
            if let known = bySchemes[scheme] { return known }
            let kind = swiftSchemes.contains(scheme) ? Courier.Kind.swift : .python
            bySchemes[scheme] = kind
            return kind
        }
        return Courier.Kind.allCases.compactMap { kind in
            let places = targets.indices.filter { kinds[$0] == kind }
            return places.isEmpty ? nil : (kind, places)
        }
    }

    private func carry(
        _ operation: StoreRequest.Operation, _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        ask(
            operation, transfers.map(\.target), StoreAnswer.status,
            completing: { request, places in
                // a courier may be somewhere else
                request.locals = places.map { Directory.absolute(transfers[$0].local) }
                request.partials = places.map { Directory.absolute(transfers[$0].partial) }
            }, progress: progress)
    }

    private func existences(_ targets: [TargetRef], _ planning: PlanningID?) -> [Existence] {
        if targets.isEmpty { return [] }
        var answers = [Existence](repeating: .unknown(CourierStorage.unasked), count: targets.count)
        for (kind, places) in byKind(targets) {
            var request = StoreRequest(.look, places.count == targets.count ? targets : places.map { targets[$0] })
            request.planning = planning
            switch pool.ask(kind, request, attention: attention) {
            case .success(let answer):
                for (place, existence) in zip(places, answer.existences ?? []) { answers[place] = existence }
            case .failure(let error): for place in places { answers[place] = .unknown(error) }
            }
        }
        return answers
    }

    /// Remembers hosts of which nothing at all could be found out for now.
    private func note(_ looked: [(host: String, answer: Existence)], _ planning: PlanningID) {
        var silent: [String: StorageError] = [:]
        var answering: Set<String> = []
        for (host, answer) in looked {
            if case .unknown(let error) = answer, error.kind == .transient { silent[host] = error } else { answering.insert(host) }
        }
        for (host, error) in silent where !answering.contains(host) {
            pool.noteUnreachable(host, in: planning, error)
        }
    }

    private static let unasked = StorageError(.transient, "nobody was asked")

    private static func only<T>(_ answers: [Result<T, StorageError>]) -> Result<T, StorageError> {
        answers.first ?? .failure(unasked)
    }

    /// What a courier left that was killed, or failed.
    private static func clear(_ partial: String) {
        do throws(SystemError) { try File.remove(partial) } catch { return }  // mostly it is not there
    }
}
