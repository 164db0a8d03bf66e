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
        /// It has its own name from the beginning: the server has no MOVE.
        var isDirect: Bool { temporary.url == target.url }
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
        let before = beforeDirect(files)
        var sent = put(files, tally, before)
        let whole = verify(files, &sent)
        let moves = whole.filter { !files[$0].isDirect }
        let commits = commit(moves.map { DAVMove(temporary: files[$0].temporary, target: files[$0].target, size: files[$0].size) }) { move in
            self.sendDirectly(files.first { $0.temporary.url == move.temporary.url }, move)
        }
        for (place, answer) in zip(moves, commits) { sent[place] = answer }
        let failed = files.indices.filter { if case .failure = sent[$0] { true } else { false } }
        discard(failed.filter { !files[$0].isDirect }.map { files[$0].temporary.url })
        discardSpoilt(failed.compactMap { place in before[place].map { (files[place].target.url, $0) } })
        let done = sent.indices.filter { if case .success = sent[$0] { true } else { false } }
        var statuses = stat(done.map { files[$0].target.url }).makeIterator()
        return zip(files, sent).map { file, answer in
            answer.then { DAVServer.committed(file, statuses.next() ?? .failure(Exchange.noMemory)) }
        }
    }

    /// A file that was found whole and has its name is there, also where the server does not show it yet.
    private static func committed(
        _ file: Outgoing, _ status: Result<FileStatus, StorageError>
    ) -> Result<FileStatus, StorageError> {
        guard case .failure(let error) = status, error.kind == .transient || error.kind == .absent else { return status }
        return .success(FileStatus(size: file.size, modified: 0, isDirectory: false))
    }

    /// What has the names of files that are sent without a temporary one; by their places.
    private func beforeDirect(_ files: [Outgoing]) -> [Int: Result<FileStatus, StorageError>] {
        let direct = files.indices.filter { files[$0].isDirect }
        if direct.isEmpty { return [:] }
        return Dictionary(uniqueKeysWithValues: zip(direct, stat(direct.map { files[$0].target.url })))
    }

    /// Why a file is not to be sent under its own name, where something that must stay has it.
    private static func obstacle(_ target: DAVTarget, _ before: Result<FileStatus, StorageError>?) -> StorageError? {
        switch before {
        case .success(let status)? where status.isDirectory: StorageError(.unsupported, "\(target.ref) is a directory")
        // if it is not known what is there, it would not be known afterwards whose it is
        case .failure(let error)? where error.kind != .absent: error
        default: nil
        }
    }

    /// Of files that were sent under their own names and are not whole, what arrived goes; what was there before stays.
    private func discardSpoilt(_ files: [(url: HTTPURL, before: Result<FileStatus, StorageError>)]) {
        if files.isEmpty { return }
        let spoilt = zip(files, stat(files.map(\.url))).filter { file, now in
            guard case .success(let now) = now, !now.isDirectory else { return false }
            if case .success(let before) = file.before { return now != before }
            if case .failure(let error) = file.before { return error.kind == .absent }
            return false
        }
        discard(spoilt.map(\.0.url))
    }

    /// Sends all; where a server says that a directory lacks, it is made first.
    private func put(
        _ files: [Outgoing], _ tally: TransferTally, _ before: [Int: Result<FileStatus, StorageError>]
    ) -> [Result<Void, StorageError>] {
        var answers = files.indices.map { place -> Result<Void, StorageError> in
            DAVServer.obstacle(files[place].target, before[place]).map { .failure($0) } ?? .success(())
        }
        let free = answers.indices.filter { if case .success = answers[$0] { true } else { false } }
        let requests = files.map { DAVServer.putting($0.body, $0.temporary.url) }
        let sent = perform(free.map { requests[$0] }, progress: tally.watch(\.sent))
        for (place, answer) in zip(free, sent) { answers[place] = DAVServer.put(answer, files[place].target) }
        let orphans = free.filter { place in
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
        let before = stat([file.target.url])[0]
        if let obstacle = DAVServer.obstacle(file.target, before) { return .failure(obstacle) }
        let answer = perform([DAVServer.putting(file.body, file.target.url)])[0]
        let sent = DAVServer.put(answer, file.target).then {
            verified(file, perform([DAVServer.head(file.target.url, wanting: checksums.wanted)])[0])
        }
        if case .failure = sent { discardSpoilt([(file.target.url, before)]) }
        return sent
    }

    /// Takes away what did not become a file, as far as the server lets us.
    private func discard(_ urls: [HTTPURL]) { _ = perform(urls.map(DAVServer.deleting)) }
}
