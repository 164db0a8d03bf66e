import MartletModel
import MartletPorts

/// Files that go between Dropbox and here, many at once.
struct DropboxTransfers {
    typealias Item = (transfer: Transfer, path: DropboxPath)
    typealias Answers = [Result<FileStatus, StorageError>]

    let service: DropboxService
    let progress: (TransferProgress) -> Void

    /// So many files are under way before the first of them gets its name.
    private static let together = 256
    /// Bytes in one request: whole blocks of the hash, and fewer than Dropbox takes at once.
    static let part = 8 * DropboxHash.block

    // MARK: fetching

    func fetch(_ items: [Item]) -> Answers {
        var tally = TransferTally(items.count, progress)
        let entries = DropboxLooking(service: service).entries(items.map(\.path))
        var answers: Answers = zip(items, entries).map { item, entry in
            entry.flatMap { entry in
                entry.status.isDirectory
                    ? .failure(StorageError(.unsupported, "\(item.path.target) is a folder")) : .success(entry.status)
            }
        }
        var wanted: [(index: Int, entry: DropboxEntry)] = []
        for (i, entry) in entries.enumerated() {
            guard case .success = answers[i], case .success(let entry) = entry else { continue }
            wanted.append((i, entry))
            tally.expect(entry.status.size)
        }
        tally.did(files: items.count - wanted.count, bytes: 0)
        for start in stride(from: 0, to: wanted.count, by: DropboxTransfers.together) {
            let some = wanted[start..<min(start + DropboxTransfers.together, wanted.count)]
            let calls = some.map { download(items[$0.index], $0.entry) }
            for (one, response) in zip(some, service.perform(calls, progress: tally.watch(\.received))) {
                answers[one.index] = Result { () throws(StorageError) in try finish(items[one.index], one.entry, response) }
            }
            tally.did(files: some.count, bytes: some.reduce(0) { $0 + $1.entry.status.size })
        }
        return answers
    }

    /// Of the revision that was looked at, whatever comes in its place meanwhile.
    private func download(_ item: Item, _ entry: DropboxEntry) -> DropboxCall {
        let path = entry.revision.map { "rev:\($0)" } ?? item.path.text
        return DropboxCall(
            "files/download", [JSONMember("path", .string(path))], .download(.file(path: item.transfer.partial), range: nil))
    }

    private func finish(
        _ item: Item, _ entry: DropboxEntry, _ response: Result<DropboxAnswer, StorageError>
    ) throws(StorageError) -> FileStatus {
        let arrival = Arrival(transfer: item.transfer, size: entry.status.size)
        if case .failure(let error) = response {
            arrival.discard()
            throw error
        }
        try arrival.finish { () throws(StorageError) in
            guard let hash = entry.hash else { return true }
            var own = DropboxHash()
            _ = try own.add(FileRange(path: item.transfer.partial, offset: 0, count: entry.status.size))
            return own.text == hash
        }
        return entry.status
    }

    // MARK: storing

    func store(_ items: [Item]) -> Answers {
        var tally = TransferTally(items.count, progress)
        var answers = [Result<FileStatus, StorageError>?](repeating: nil, count: items.count)
        var wanted: [(index: Int, sending: DropboxSending)] = []
        for (i, item) in items.enumerated() {
            do throws(StorageError) {
                try DropboxChanging.requireFile(item.path)
                let size = try FileRange.size(of: item.transfer.local)
                wanted.append((i, DropboxSending(path: item.path, local: item.transfer.local, size: size)))
                tally.expect(size)
            } catch {
                answers[i] = .failure(error)
            }
        }
        tally.did(files: items.count - wanted.count, bytes: 0)
        for start in stride(from: 0, to: wanted.count, by: DropboxTransfers.together) {
            let some = Array(wanted[start..<min(start + DropboxTransfers.together, wanted.count)])
            for (i, answer) in zip(some.map(\.index), store(some.map(\.sending), tally)) { answers[i] = answer }
            tally.did(files: some.count, bytes: some.reduce(0) { $0 + $1.sending.size })
        }
        return answers.map { $0 ?? .failure(StorageError(.transient, "there was no answer")) }
    }

    /// Sends a part of each file that is not done, round by round, and finishes all that have arrived with one call.
    private func store(_ files: [DropboxSending], _ tally: TransferTally) -> Answers {
        var files = files
        while true {
            let open = files.indices.filter { files[$0].isOpen }
            if open.isEmpty { break }
            let calls = open.map { files[$0].next() }
            let asked = zip(open, calls).filter { $0.1 != nil }
            for (one, answer) in zip(asked, service.answers(asked.compactMap(\.1), progress: tally.watch(\.sent))) {
                files[one.0].took(answer)
            }
        }
        let whole = files.indices.filter { files[$0].failure == nil }
        var answers: Answers = files.map { .failure($0.failure ?? StorageError(.transient, "there was no answer")) }
        for (i, entry) in zip(whole, DropboxFinishing(service: service).finish(whole.map { files[$0].finish })) {
            answers[i] = entry.flatMap { files[i].verified($0) }
        }
        return answers
    }
}
