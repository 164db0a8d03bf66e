import MartletModel
import MartletPorts
import MartletSystem

extension DAVServer {
    /// A file that is on its way there.
    private struct Outgoing {
        var place: Int
        var target: DAVTarget
        /// Where it is until it is known to be whole.
        var temporary: DAVTarget
        var local: String
        var size: UInt64

        var body: HTTPRequest.Body { .file(path: local, count: size) }
    }

    /// So many files are sent before the first of them gets its name.
    private static let together = 64

    func store(
        _ transfers: [(DAVTarget, Transfer)], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        listings.forget()
        var tally = TransferTally(transfers.count, progress)
        var answers = [Result<FileStatus, StorageError>?](repeating: nil, count: transfers.count)
        var outgoing: [Outgoing] = []
        for (place, (target, transfer)) in transfers.enumerated() {
            do throws(StorageError) {
                let file = try outbound(place, target, transfer)
                tally.expect(file.size)
                outgoing.append(file)
            } catch {
                answers[place] = .failure(error)
            }
        }
        tally.did(files: transfers.count - outgoing.count, bytes: 0)
        var rest = outgoing[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(DAVServer.together))
            rest = rest.dropFirst(some.count)
            let sent = send(some, tally)
            for (file, answer) in zip(some, sent) { answers[file.place] = answer }
            tally.did(files: some.count, bytes: some.reduce(0) { $0 + $1.size })
            guard let silence = DAVServer.silence(sent) else { continue }
            for file in rest { answers[file.place] = .failure(silence) }
            break
        }
        return answers.compactMap { $0 }
    }

    /// The error of a store that did not take any of several files, though it may later: it is not sent all others too.
    private static func silence(_ sent: [Result<FileStatus, StorageError>]) -> StorageError? {
        let errors = sent.compactMap { answer -> StorageError? in
            if case .failure(let error) = answer, error.kind == .transient { error } else { nil }
        }
        return errors.count == sent.count ? errors.first : nil
    }

    private func outbound(_ place: Int, _ target: DAVTarget, _ transfer: Transfer) throws(StorageError) -> Outgoing {
        let facts = try DAVServer.system { () throws(SystemError) in
            try FileFacts.of(try File.openReading(transfer.local))
        }
        guard facts.isRegular else { throw StorageError(.unsupported, "\(transfer.local) is no file") }
        let isDirect = lacks("MOVE", target.url)
        return Outgoing(
            place: place, target: target, temporary: isDirect ? target : try DAVServer.temporary(besides: target),
            local: transfer.local, size: facts.size)
    }

    /// Beside the target, unlike any other name.
    static func temporary(besides target: DAVTarget) throws(StorageError) -> DAVTarget {
        guard let place = target.place else { throw StorageError(.unsupported, "\(target.ref) is the root of its server") }
        let name = File.temporaryName(besides: place.name)
        return try DAVTarget(target.ref.parent.child(name))
    }

    private func send(_ files: [Outgoing], _ tally: TransferTally) -> [Result<FileStatus, StorageError>] {
        var sent = put(files, tally)
        let whole = verify(files, &sent)
        let moves = whole.filter { files[$0].temporary.url != files[$0].target.url }
        let commits = commit(moves.map { DAVMove(temporary: files[$0].temporary, target: files[$0].target) }) { move in
            self.sendDirectly(files.first { $0.temporary.url == move.temporary.url }, move)
        }
        for (place, answer) in zip(moves, commits) { sent[place] = answer }
        discard(files.indices.filter { if case .failure = sent[$0] { true } else { false } }.map { files[$0].temporary.url })
        let done = sent.indices.filter { if case .success = sent[$0] { true } else { false } }
        var statuses = stat(done.map { files[$0].target.url }).makeIterator()
        return sent.map { answer in answer.then { statuses.next() ?? .failure(Exchange.noMemory) } }
    }

    /// Sends all; where a server says that a directory lacks, it is made first.
    private func put(_ files: [Outgoing], _ tally: TransferTally) -> [Result<Void, StorageError>] {
        let requests = files.map { DAVServer.putting($0.body, $0.temporary.url) }
        var answers = zip(files, perform(requests, progress: tally.watch(\.sent))).map { DAVServer.put($1, $0.target) }
        let orphans = answers.indices.filter { place in
            if case .failure(let error) = answers[place] { error.kind == .absent } else { false }
        }
        if orphans.isEmpty { return answers }
        let made = mkdir(orphans.compactMap { files[$0].target.place?.directory })
        var again: [Int] = []
        for (place, made) in zip(orphans, made) {
            if case .failure(let error) = made { answers[place] = .failure(error) } else { again.append(place) }
        }
        let retried = perform(again.map { requests[$0] }, progress: tally.watch(\.sent))
        for (place, answer) in zip(again, retried) { answers[place] = DAVServer.put(answer, files[place].target) }
        return answers
    }

    /// Compares what is there now with what is here.
    /// - Returns: those that are whole.
    private func verify(_ files: [Outgoing], _ sent: inout [Result<Void, StorageError>]) -> [Int] {
        let places = sent.indices.filter { if case .success = sent[$0] { true } else { false } }
        let heads = perform(places.map { DAVServer.head(files[$0].temporary.url, wanting: checksums.wanted) })
        for (place, head) in zip(places, heads) { sent[place] = verified(files[place], head) }
        return places.filter { if case .success = sent[$0] { true } else { false } }
    }

    private func verified(_ file: Outgoing, _ head: Result<HTTPResponse, StorageError>) -> Result<Void, StorageError> {
        do throws(StorageError) {
            let response = try head.get()
            let told = DAVServer.size(response)
            let size = if let told { told } else { try stat([file.temporary.url])[0].get().size }
            guard size == file.size else {
                throw StorageError(.corrupt, "\(size) bytes arrived of the \(file.size) of \(file.local)")
            }
            try compare(file.local, with: response, of: "\(file.target.ref)")
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    /// For servers without MOVE.
    private func sendDirectly(_ file: Outgoing?, _ move: DAVMove) -> Result<Void, StorageError> {
        guard var file else { return .failure(StorageError(.absent, "\(move.temporary.ref) is not there")) }
        file.temporary = file.target
        defer { discard([move.temporary.url]) }
        if case .success(let status) = stat([file.target.url])[0], status.isDirectory {
            return .failure(StorageError(.unsupported, "\(file.target.ref) is a directory"))
        }
        let answer = perform([DAVServer.putting(file.body, file.target.url)])[0]
        return DAVServer.put(answer, file.target).then {
            verified(file, perform([DAVServer.head(file.target.url, wanting: checksums.wanted)])[0])
        }
    }

    /// Takes away what did not become a file, as far as the server lets us.
    private func discard(_ urls: [HTTPURL]) { _ = perform(urls.map(DAVServer.deleting)) }
}
