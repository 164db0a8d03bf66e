import MartletModel
import MartletPorts

/// Fetches through the caches that the configuration gives to stores.
struct StoreCaches {
    private let settings: StoreSettings

    init(_ settings: StoreSettings) { self.settings = settings }

    /// One answer per transfer, in order. Those of stores without a cache are the store's own.
    /// - Parameter progress: of one store after the other.
    func fetch(
        _ transfers: [Transfer], from store: some StorageBackend, _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        var answers = [Result<FileStatus, StorageError>?](repeating: nil, count: transfers.count)
        let shares = Dictionary(grouping: transfers.indices) { settings.options(for: transfers[$0].target).text }
        for places in shares.values.sorted(by: { $0[0] < $1[0] }) {
            let own = places.map { transfers[$0] }
            let options = settings.options(for: own[0].target)
            for (i, answer) in zip(places, fetch(own, options, store, progress)) { answers[i] = answer }
        }
        return answers.map { $0 ?? .failure(StorageError(.transient, "there was no answer")) }
    }

    private func fetch(
        _ transfers: [Transfer], _ options: JSON, _ store: some StorageBackend,
        _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        do throws(StorageError) {
            guard let cache = try FileCache(StoreOptions(options)) else { return store.fetch(transfers, progress) }
            return cache.fetch(transfers, from: store, namespace: StoreCaches.namespace(options), progress)
        } catch {
            return transfers.map { _ in .failure(error) }
        }
    }

    /// What, besides a location, says which file it is. No secrets.
    private static func namespace(_ options: JSON) -> String {
        ["endpoint", "backend", "options"].map { options[$0]?.text ?? "" }.joined(separator: "\n")
    }
}

extension FileCache {
    /// Bytes, where the configuration names no limit.
    private static let usualLimit: UInt64 = 50_000_000_000

    /// nil for a store without a cache.
    /// - Parameter options: `cache`, a directory; `cache_limit`, bytes; `cache_check`.
    init?(_ options: StoreOptions) throws(StorageError) {
        guard let directory = try options.text("cache") else { return nil }
        let limit = try options.number("cache_limit", 0...1e18).map { UInt64($0) } ?? FileCache.usualLimit
        let name = try options.text("cache_check") ?? Check.mtime.rawValue
        guard let check = Check(rawValue: name) else {
            let known = Check.allCases.map(\.rawValue).joined(separator: ", ")
            throw StorageError(.unsupported, "the store's setting cache_check is none of \(known)")
        }
        try self.init(directory: directory, limit: limit, check: check)
    }
}
