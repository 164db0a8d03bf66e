import MartletModel

/// Every store there is, by URL scheme. Takes targets of different stores in one batch, with one call a store.
public struct Stores: Sendable {
    private let byScheme: [String: any StorageBackend]
    private let others: (any StorageBackend)?

    /// - Parameter others: who is asked about schemes that none of the back ends serves.
    public init(_ backends: [any StorageBackend], others: (any StorageBackend)? = nil) {
        var byScheme: [String: any StorageBackend] = [:]
        for backend in backends { for scheme in type(of: backend).schemes { byScheme[scheme] = backend } }
        self.byScheme = byScheme
        self.others = others
    }

    /// Who serves a target; nil when nobody does.
    public func backend(of target: TargetRef) -> (any StorageBackend)? { backend(target.scheme) }

    public func stat(_ targets: [TargetRef]) -> [Result<FileStatus, StorageError>] {
        each(targets, \.self, { .failure($0) }) { $0.stat($1) }
    }

    public func look(_ targets: [TargetRef], while planning: PlanningID?) -> [Existence] {
        each(targets, \.self, { .unknown($0) }) { $0.look($1, while: planning) }
    }

    public func list(_ directories: [TargetRef]) -> [Result<[DirectoryEntry], StorageError>] {
        each(directories, \.self, { .failure($0) }) { $0.list($1) }
    }

    public func unfinished(_ directories: [TargetRef]) -> [Result<[UnfinishedUpload], StorageError>] {
        each(directories, \.self, { .failure($0) }) { $0.unfinished($1) }
    }

    public func read(_ target: TargetRef, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        backend(of: target)?.read(target, offset: offset, count: count) ?? .failure(Stores.unknown(target))
    }

    public func put(_ bytes: [UInt8], besides target: TargetRef) -> Result<TargetRef, StorageError> {
        backend(of: target)?.put(bytes, besides: target) ?? .failure(Stores.unknown(target))
    }

    public func commit(_ moves: [Move]) -> [Result<Void, StorageError>] {
        each(moves, \.target, { .failure($0) }) { $0.commit($1) }
    }

    public func checksum(_ targets: [TargetRef]) -> [Result<Checksum, StorageError>] {
        each(targets, \.self, { .failure($0) }) { $0.checksum($1) }
    }

    public func delete(_ targets: [TargetRef]) -> [Result<Void, StorageError>] {
        each(targets, \.self, { .failure($0) }) { $0.delete($1) }
    }

    public func mkdir(_ directories: [TargetRef]) -> [Result<Void, StorageError>] {
        each(directories, \.self, { .failure($0) }) { $0.mkdir($1) }
    }

    /// - Parameter progress: of one store after the other.
    public func fetch(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        each(transfers, \.target, { .failure($0) }) { $0.fetch($1, progress) }
    }

    /// - Parameter progress: of one store after the other.
    public func store(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        each(transfers, \.target, { .failure($0) }) { $0.store($1, progress) }
    }

    private func backend(_ scheme: String) -> (any StorageBackend)? { byScheme[scheme] ?? others }

    private static func unknown(_ target: TargetRef) -> StorageError {
        StorageError(.unsupported, "no store is known for \(target)")
    }

    /// Asks the store of each scheme about its part of the batch, and puts the answers in order.
    private func each<Item, Answer>(
        _ items: [Item], _ target: (Item) -> TargetRef, _ failure: (StorageError) -> Answer,
        _ ask: (any StorageBackend, [Item]) -> [Answer]
    ) -> [Answer] {
        let schemes = items.map { target($0).scheme }
        if let first = schemes.first, !schemes.contains(where: { $0 != first }), let store = backend(first) {
            return ask(store, items)
        }
        var answers = items.map { failure(Stores.unknown(target($0))) }
        let places = Dictionary(grouping: items.indices, by: { schemes[$0] })
        // a run asks in the same order each time
        for (scheme, places) in places.sorted(by: { $0.value[0] < $1.value[0] }) {
            guard let store = backend(scheme) else { continue }
            for (place, answer) in zip(places, ask(store, places.map { items[$0] })) { answers[place] = answer }
        }
        return answers
    }
}
