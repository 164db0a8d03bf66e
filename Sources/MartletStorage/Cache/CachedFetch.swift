import MartletModel
import MartletPorts
import MartletSystem

/// One call of `FileCache.fetch`.
///
/// No process waits for another while it holds what that one may wait for: what others are fetching comes last, when
/// this process has given up everything.
struct CachedFetch<Store: StorageBackend> {
    let cache: FileCache
    let store: Store
    let transfers: [Transfer]
    let namespace: String
    let progress: (TransferProgress) -> Void

    private var answers: [Int: Result<FileStatus, StorageError>] = [:]
    private var come: TransferProgress
    private var incoming: Incoming?

    init(
        cache: FileCache, store: Store, transfers: [Transfer], namespace: String,
        progress: @escaping (TransferProgress) -> Void
    ) {
        self.cache = cache
        self.store = store
        self.transfers = transfers
        self.namespace = namespace
        self.progress = progress
        come = TransferProgress(filesTotal: transfers.count)
    }

    /// A file that the store has.
    private struct Wanted {
        var index: Int
        var key: CacheKey
        var remote: CacheNote.Remote
        var status: FileStatus { FileStatus(size: remote.size, modified: remote.modified, isDirectory: false) }

        /// The same file as it was when it was fetched: another may have come in the place of the one first seen.
        func now(_ status: FileStatus) -> Wanted {
            if status == self.status { return self }
            return Wanted(index: index, key: key, remote: .init(size: status.size, modified: status.modified))
        }
    }

    mutating func run() -> [Result<FileStatus, StorageError>] {
        var missing: [Wanted] = []
        for wanted in askStore() where !handOut(wanted) { missing.append(wanted) }
        // of transfers of one file the first fetches it for all
        var mine: [(wanted: Wanted, turn: FetchTurn)] = []
        var later: [Wanted] = []
        var taken: Set<CacheKey> = []
        for wanted in missing {
            if taken.insert(wanted.key).inserted, let turn = FetchTurn.take(cache.folder, wanted.key, waiting: false) {
                mine.append((wanted, turn))
            } else {
                later.append(wanted)
            }
        }
        fetch(mine.map(\.wanted))
        mine = []  // whoever waits for these may go on
        for wanted in later {
            let turn = FetchTurn.take(cache.folder, wanted.key, waiting: true)
            if !handOut(wanted) { fetch([wanted]) }
            withExtendedLifetime(turn) {}
        }
        return transfers.indices.map { answers[$0] ?? .failure(StorageError(.transient, "the store gave no answer")) }
    }

    // MARK: the store

    /// What the store says of each file; those of which it says nothing good are answered.
    private mutating func askStore() -> [Wanted] {
        let targets = transfers.map(\.target)
        var wanted: [Wanted] = []
        for (index, answer) in store.stat(targets).enumerated() {
            switch answer {
            case .failure(let error): settle(index, .failure(error))
            case .success(let status) where status.isDirectory:
                settle(index, .failure(StorageError(.unsupported, "\(targets[index]) is a directory")))
            case .success(let status):
                let key = CacheKey(location: targets[index].location, namespace: namespace)
                wanted.append(Wanted(index: index, key: key, remote: .init(size: status.size, modified: status.modified)))
            }
        }
        come.bytesTotal = wanted.reduce(0) { $0 + $1.remote.size }
        if cache.check != .checksum { return wanted }
        let sums = store.checksum(wanted.map { targets[$0.index] })
        return zip(wanted, sums).compactMap { asked, sum in
            var asked = asked
            switch sum {
            case .success(let sum): asked.remote.checksum = sum
            case .failure(let error):
                guard error.kind == .unsupported else {
                    settle(asked.index, .failure(error))
                    return nil
                }
            }
            return asked
        }
    }

    private mutating func fetch(_ wanted: [Wanted]) {
        // what can never fit is not worth the room of all else
        var past = wanted.filter { $0.remote.size > cache.space.limit }
        var slice: [Wanted] = []
        var bytes: UInt64 = 0
        for wanted in wanted where wanted.remote.size <= cache.space.limit {
            // many files that together are larger than the cache never lie in it all at once
            if bytes + wanted.remote.size > cache.space.limit {
                past += fetchThrough(slice, bytes)
                (slice, bytes) = ([], 0)
            }
            slice.append(wanted)
            bytes += wanted.remote.size
        }
        past += fetchThrough(slice, bytes)
        for (wanted, answer) in zip(past, through(past.map { transfers[$0.index] })) { settle(wanted.index, answer) }
    }

    /// Fetches into the cache, and hands out.
    /// - Returns: those for which the cache is of no use now.
    private mutating func fetchThrough(_ wanted: [Wanted], _ bytes: UInt64) -> [Wanted] {
        guard !wanted.isEmpty, let incoming = opened(), makeRoom(for: bytes) else { return wanted }
        let paths = wanted.map { "\(incoming.path)/\($0.key.text)" }
        let moves = zip(wanted, paths).map { wanted, path in
            Transfer(transfers[wanted.index].target, local: path, partial: "\(path).part")
        }
        var past: [Wanted] = []
        for ((wanted, path), answer) in zip(zip(wanted, paths), through(moves)) {
            switch answer {
            case .failure(let error) where error.kind == .full: past.append(wanted)
            case .failure(let error): settle(wanted.index, .failure(error))
            case .success(let status): if !takeIn(path, wanted.now(status)) { past.append(wanted) }
            }
        }
        return past
    }

    /// The store's own fetch, its progress added to what has come.
    private func through(_ moves: [Transfer]) -> [Result<FileStatus, StorageError>] {
        if moves.isEmpty { return [] }
        let before = come
        return store.fetch(moves) { now in
            var sum = before
            sum.bytesDone += now.bytesDone
            progress(sum)
        }
    }

    private mutating func settle(_ index: Int, _ answer: Result<FileStatus, StorageError>) {
        answers[index] = answer
        come.filesDone += 1
        if case .success(let status) = answer { come.bytesDone += status.size }
        progress(come)
    }

    // MARK: the cache

    private mutating func opened() -> Incoming? {
        if incoming == nil { incoming = CachedFetch.unlessTroubled { () throws(SystemError) in try Incoming(in: cache.folder) } }
        return incoming
    }

    private func makeRoom(for bytes: UInt64) -> Bool {
        CachedFetch.unlessTroubled { () throws(SystemError) in
            try cache.folder.changing { () throws(SystemError) in try cache.space.make(for: bytes) }
        } != nil
    }

    /// Hands out what was fetched, and keeps it.
    private mutating func takeIn(_ path: String, _ wanted: Wanted) -> Bool {
        let file = CachedFetch.unlessTroubled { () throws(SystemError) in
            try File.makeReadOnly(path)
            let file = try File.openItself(path)
            let facts = try FileFacts.of(file)
            let note = CacheNote(
                remote: wanted.remote, inode: facts.inode, written: facts.modified,
                adler32: cache.check == .checksum ? try CachedFetch.adler32(file) : nil)
            try cache.folder.changing { () throws(SystemError) in
                try cache.space.make(for: facts.size)
                try cache.folder.insert(path, wanted.key, note)
            }
            return file
        }
        guard let file else { return false }
        settle(wanted.index, handOut(file, wanted))
        return true
    }

    /// Answers a transfer from the cache. - Returns: false where the cache does not have the file, or no longer.
    private mutating func handOut(_ wanted: Wanted) -> Bool {
        guard let (file, note) = cache.folder.find(wanted.key), note.remote.isStill(wanted.remote, by: cache.check),
            isWhole(file, note)
        else { return false }
        let answer = handOut(file, wanted)
        guard case .success = answer else { return false }
        settle(wanted.index, answer)
        _ = CachedFetch.unlessTroubled { () throws(SystemError) in try cache.folder.touch(wanted.key) }
        return true
    }

    private func isWhole(_ file: Descriptor, _ note: CacheNote) -> Bool {
        if cache.check != .checksum { return true }
        guard let kept = note.adler32 else { return false }
        return CachedFetch.unlessTroubled { () throws(SystemError) in try CachedFetch.adler32(file) } == kept
    }

    private func handOut(_ file: Descriptor, _ wanted: Wanted) -> Result<FileStatus, StorageError> {
        let transfer = transfers[wanted.index]
        do throws(SystemError) {
            do throws(SystemError) {
                try File.link(file, as: transfer.partial)
            } catch {
                // another file system, or one without links, or the last name is gone
                try File.copy(file, as: transfer.partial)
            }
            try File.rename(transfer.partial, to: transfer.local)
            // of two names of one file rename(2) leaves both
            _ = CachedFetch.unlessTroubled { () throws(SystemError) in try File.remove(transfer.partial) }
            return .success(wanted.status)
        } catch {
            _ = CachedFetch.unlessTroubled { () throws(SystemError) in try File.remove(transfer.partial) }
            return .failure(StorageError(error))
        }
    }

    private static func adler32(_ file: Descriptor) throws(SystemError) -> UInt32 {
        var sum = Adler32()
        var at: UInt64 = 0
        while true {
            let piece = try File.readOnce(file, offset: at, count: 1 << 18)
            if piece.isEmpty { return sum.value }
            piece.withUnsafeBytes { sum.update($0) }
            at += UInt64(piece.count)
        }
    }

    /// nil for what went wrong with the cache's own files: the store has the file all the same.
    private static func unlessTroubled<T>(_ body: () throws(SystemError) -> T) -> T? {
        do throws(SystemError) { return try body() } catch { return nil }
    }
}
