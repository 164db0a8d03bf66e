import MartletModel
import MartletPorts

/// What changes files and folders in Dropbox, but for the transfer of files.
///
/// A content is sent in a session, which nobody sees, and becomes a file when that is finished, in one step that replaces
/// what was there. Moving a file would not do: Dropbox moves nothing onto another file.
struct DropboxChanging {
    let service: DropboxService
    private var looking: DropboxLooking { DropboxLooking(service: service) }

    func put(_ bytes: [UInt8], _ path: DropboxPath) -> Result<DropboxPath, StorageError> {
        do throws(StorageError) {
            try DropboxChanging.requireFile(path)
            let hash = DropboxHash.of(bytes)
            let answer = try service.perform([DropboxChanging.start(.bytes(bytes), hash, isLast: true)])[0].get()
            var waiting = path
            waiting.session = DropboxSession(id: try DropboxChanging.session(answer), size: UInt64(bytes.count), hash: hash)
            return .success(waiting)
        } catch {
            return .failure(error)
        }
    }

    static func requireFile(_ path: DropboxPath) throws(StorageError) {
        if path.isRoot || path.session != nil {
            throw StorageError(.unsupported, "\(path.target) is not the name of a file")
        }
    }

    static func start(_ body: HTTPRequest.Body, _ hash: String, isLast: Bool) -> DropboxCall {
        DropboxCall(
            "files/upload_session/start", [JSONMember("close", .bool(isLast)), JSONMember("content_hash", .string(hash))], .upload(body))
    }

    static func session(_ answer: DropboxAnswer) throws(StorageError) -> String {
        guard let id = answer.json?["session_id"]?.string, !id.isEmpty else { throw DropboxEntry.unreadable }
        return id
    }

    // MARK: commit

    func commit(_ moves: [(temporary: TargetRef, path: DropboxPath)]) -> [Result<Void, StorageError>] {
        var answers: [Result<Void, StorageError>] = moves.map { _ in .success(()) }
        var finishing: [(index: Int, file: DropboxFinish)] = []
        var moving: [(index: Int, call: DropboxCall)] = []
        for (i, move) in moves.enumerated() {
            do throws(StorageError) {
                let from = try DropboxPath(move.temporary)
                try DropboxChanging.requireFile(move.path)
                if let session = from.session {
                    guard ExactText(from.text) == ExactText(move.path.text) else {
                        throw StorageError(.unsupported, "a content for \(from.text) cannot become \(move.path.target)")
                    }
                    finishing.append((i, DropboxFinish(path: move.path, session: session, hash: nil)))
                } else {
                    moving.append((i, DropboxChanging.move(from, move.path)))
                }
            } catch {
                answers[i] = .failure(error)
            }
        }
        // a content that is there already does not show that a lost answer was about it
        for (n, entry) in looking.entries(finishing.map(\.file.path)).enumerated() {
            let session = finishing[n].file.session
            guard !session.hash.isEmpty else { continue }
            if case .success(let entry) = entry, entry.hash == session.hash { continue }
            finishing[n].file.hash = session.hash
        }
        let finished = DropboxFinishing(service: service).finish(finishing.map(\.file))
        for (i, answer) in zip(finishing.map(\.index), finished) { answers[i] = answer.map { _ in } }
        for (i, answer) in zip(moving.map(\.index), service.perform(moving.map(\.call))) { answers[i] = answer.map { _ in } }
        return answers
    }

    private static func move(_ from: DropboxPath, _ to: DropboxPath) -> DropboxCall {
        DropboxCall(
            "files/move_v2",
            [
                JSONMember("from_path", .string(from.text)), JSONMember("to_path", .string(to.text)),
                JSONMember("autorename", .bool(false)),
            ])
    }

    // MARK: removing

    /// Dropbox removes a folder with all that is in it: that is looked at before.
    func delete(_ paths: [DropboxPath]) -> [Result<Void, StorageError>] {
        var answers = [Result<Void, StorageError>?](repeating: nil, count: paths.count)
        // a session cannot be given up: Dropbox forgets it
        for i in paths.indices where paths[i].session != nil { answers[i] = .success(()) }
        for i in paths.indices where paths[i].isRoot { answers[i] = .failure(StorageError(.unsupported, "the root cannot be removed")) }
        let asked = paths.indices.filter { answers[$0] == nil }
        var calls: [(index: Int, call: DropboxCall)] = []
        var folders: [Int] = []
        for (i, entry) in zip(asked, looking.entries(asked.map { paths[$0] })) {
            switch entry {
            case .failure(let error): answers[i] = .failure(error)
            case .success(let entry) where entry.status.isDirectory: folders.append(i)
            case .success(let entry):
                let revision = entry.revision.map { [JSONMember("parent_rev", .string($0))] } ?? []
                calls.append((i, DropboxCall("files/delete_v2", [JSONMember("path", .string(paths[i].text))] + revision)))
            }
        }
        for (i, entries) in zip(folders, looking.list(folders.map { paths[$0] })) {
            switch entries {
            case .failure(let error): answers[i] = .failure(error)
            case .success(let entries) where entries.isEmpty:
                calls.append((i, DropboxCall("files/delete_v2", [JSONMember("path", .string(paths[i].text))])))
            case .success: answers[i] = .failure(StorageError(.unsupported, "the folder \(paths[i].target) is not empty"))
            }
        }
        for (one, answer) in zip(calls, service.answers(calls.map(\.call))) {
            answers[one.index] = answer.flatMap { answer in
                // it was there a moment ago: the answer to this very call may have been lost
                let isGone = DropboxAnswer.kind(of: answer.summary) == .absent
                if answer.response.isSuccess || isGone { return .success(()) }
                return .failure(DropboxAnswer.error(answer.summary, answer.response.status, one.call.name))
            }
        }
        return answers.map { $0 ?? .failure(StorageError(.transient, "there was no answer")) }
    }

    // MARK: folders

    func mkdir(_ paths: [DropboxPath]) -> [Result<Void, StorageError>] {
        let calls = paths.map { path in
            DropboxCall(
                "files/create_folder_v2", [JSONMember("path", .string(path.text)), JSONMember("autorename", .bool(false))])
        }
        var answers: [Result<Void, StorageError>] = paths.map { path in
            path.session == nil ? .success(()) : .failure(StorageError(.unsupported, "\(path.target) is not the name of a folder"))
        }
        let asked = paths.indices.filter { !paths[$0].isRoot && paths[$0].session == nil }
        for (i, answer) in zip(asked, service.answers(asked.map { calls[$0] })) {
            answers[i] = answer.flatMap { answer in
                if answer.response.isSuccess || answer.summary.hasPrefix("path/conflict/folder") { return .success(()) }
                return .failure(DropboxAnswer.error(answer.summary, answer.response.status, calls[i].name))
            }
        }
        return answers
    }
}
