import MartletModel
import MartletPorts

/// A temporary file that is there, and the name that it is to have.
struct DAVMove {
    var temporary: DAVTarget
    var target: DAVTarget
    /// Bytes that it has.
    var size: UInt64
}

extension DAVServer {
    // MARK: commit

    private struct Step {
        var place: Int
        var move: DAVMove
    }

    /// A MOVE for each. It must not replace anything unseen at first: over a directory it would remove all that is in it.
    /// - Parameter elsewise: what is done where a server has no MOVE.
    func commit(
        _ moves: [DAVMove], elsewise: ((DAVMove) -> Result<Void, StorageError>)? = nil
    ) -> [Result<Void, StorageError>] {
        listings.forget()
        var answers = [Result<Void, StorageError>?](repeating: nil, count: moves.count)
        let steps = moves.indices.map { Step(place: $0, move: moves[$0]) }
        let able = steps.filter { !lacks("MOVE", $0.move.target.url) }
        var occupied: [Step] = []
        for (step, answer) in zip(able, perform(able.map { moving($0.move, overwriting: false) })) {
            if case .success(let response) = answer, response.status == 412 { occupied.append(step) } else {
                answers[step.place] = moved(step, answer)
            }
        }
        replace(occupied, &answers)
        rightNames(steps.map(\.move), &answers)
        for step in steps where answers[step.place] == nil { answers[step.place] = elsewise?(step.move) ?? copyHere(step.move) }
        return answers.compactMap { $0 }
    }

    private func replace(_ steps: [Step], _ answers: inout [Result<Void, StorageError>?]) {
        var files: [Step] = []
        for (step, status) in zip(steps, stat(steps.map(\.move.target.url))) {
            switch status {
            case .success(let status) where status.isDirectory:
                answers[step.place] = .failure(StorageError(.unsupported, "\(step.move.target.ref) is a directory"))
            case .failure(let error) where error.kind != .absent: answers[step.place] = .failure(error)
            default: files.append(step)
            }
        }
        for (step, answer) in zip(files, perform(files.map { moving($0.move, overwriting: true) })) {
            answers[step.place] = moved(step, answer)
        }
    }

    private func moving(_ move: DAVMove, overwriting: Bool) -> HTTPRequest {
        var request = HTTPRequest("MOVE", move.temporary.url)
        request.headers = ["Destination": destination(move.target.url), "Overwrite": overwriting ? "T" : "F"]
        request.expected = .successOr(overwriting ? [404, 409, 405, 501] : [404, 409, 405, 501, 412])
        return request
    }

    /// nil where the server has no MOVE.
    private func moved(_ step: Step, _ answer: Result<HTTPResponse, StorageError>) -> Result<Void, StorageError>? {
        let target = step.move.target
        do throws(StorageError) {
            let response = try answer.get()
            switch response.status {
            case 404: return meaningOfNotFound(step.move)
            case 409: throw StorageError(.absent, "the directory of \(target.ref) is not there")
            case 207: throw DAVServer.error(inMultistatus: response, "MOVE", target.url)
            default:
                if notes(response, "MOVE", target.url) { return nil }
                noteKind(response)
                return .success(())
            }
        } catch {
            return .failure(error)
        }
    }

    /// Since the file was there, an earlier request may have moved it, its answer lost: libcurl repeats by itself what it
    /// sent over a connection that turns out to be closed.
    private func meaningOfNotFound(_ move: DAVMove) -> Result<Void, StorageError> {
        switch (stat([move.temporary.url])[0], stat([move.target.url])[0]) {
        case (.success, _): .failure(StorageError(.absent, "the directory of \(move.target.ref) is not there"))
        case (.failure(let error), .success(let status))
        where error.kind == .absent && !status.isDirectory && status.size == move.size: .success(())
        default:
            .failure(
                StorageError(.transient, "\(move.temporary.ref) is gone, and whether it is \(move.target.ref) now is not known"))
        }
    }

    /// For servers without MOVE: the content is sent once more, under the final name, and looked at there. Such servers
    /// show a file when it is complete; that is theirs to keep, we cannot see to it.
    private func copyHere(_ move: DAVMove) -> Result<Void, StorageError> {
        do throws(StorageError) {
            if case .success(let status) = stat([move.target.url])[0], status.isDirectory {
                throw StorageError(.unsupported, "\(move.target.ref) is a directory")
            }
            var get = HTTPRequest("GET", move.temporary.url)
            get.sink = .memory(limit: 1 << 30)
            let content = try perform([get])[0].get().body
            _ = try perform([DAVServer.putting(.bytes(content), move.target.url)])[0].get()
            let size = try stat([move.target.url])[0].get().size
            guard size == UInt64(content.count) else {
                throw StorageError(.corrupt, "\(move.target.ref) has \(size) bytes of \(content.count) that were sent")
            }
            _ = try perform([DAVServer.deleting(move.temporary.url)])[0].get()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    // MARK: put

    static func putting(_ body: HTTPRequest.Body, _ url: HTTPURL) -> HTTPRequest {
        var request = HTTPRequest("PUT", url, body: body)
        request.headers = ["Content-Type": "application/octet-stream"]
        request.expectsContinue = true
        request.expected = .successOr([409])
        return request
    }

    /// Whether a PUT was done; the directory lacks where the server says 409 (RFC 4918, section 9.7.1) or 404.
    static func put(_ answer: Result<HTTPResponse, StorageError>, _ target: DAVTarget) -> Result<Void, StorageError> {
        answer.then { response in
            response.isSuccess
                ? .success(()) : .failure(StorageError(.absent, "the directory of \(target.ref) is not there"))
        }
    }

    // MARK: delete

    /// DELETE of a directory would remove all that is in it, so directories are looked into before.
    func delete(_ targets: [DAVTarget]) -> [Result<Void, StorageError>] {
        listings.forget()
        var answers = [Result<Void, StorageError>?](repeating: nil, count: targets.count)
        var toDelete: [(place: Int, url: HTTPURL)] = []
        var directories: [Int] = []
        for (place, status) in stat(targets.map(\.url)).enumerated() {
            switch status {
            case .failure(let error): answers[place] = .failure(error)
            case .success(let status) where status.isDirectory: directories.append(place)
            case .success: toDelete.append((place, targets[place].url))
            }
        }
        for (place, listing) in zip(directories, list(directories.map { targets[$0].url })) {
            switch listing {
            case .failure(let error): answers[place] = .failure(error)
            case .success(let entries) where entries.isEmpty: toDelete.append((place, targets[place].url.asDirectory))
            case .success: answers[place] = .failure(StorageError(.unsupported, "\(targets[place].ref) is not empty"))
            }
        }
        let requests = toDelete.map { DAVServer.deleting($0.url) }
        for ((place, url), answer) in zip(toDelete, perform(requests)) { answers[place] = DAVServer.deleted(answer, url) }
        return answers.compactMap { $0 }
    }

    static func deleting(_ url: HTTPURL) -> HTTPRequest {
        var request = HTTPRequest("DELETE", url)
        request.expected = .successOr([404])
        return request
    }

    private static func deleted(
        _ answer: Result<HTTPResponse, StorageError>, _ url: HTTPURL
    ) -> Result<Void, StorageError> {
        switch answer {
        case .success(let response) where response.status == 207:
            .failure(error(inMultistatus: response, "DELETE", url))
        // with 404 too: it was there a moment ago, and an earlier request may have removed it, its answer lost
        case .success: .success(())
        case .failure(let error): .failure(error)
        }
    }

    /// A multistatus as the answer to a change tells what could not be changed.
    private static func error(inMultistatus response: HTTPResponse, _ method: String, _ url: HTTPURL) -> StorageError {
        let reader = Multistatus()
        reader.begin(response.status)
        _ = response.body.withUnsafeBytes { reader.take($0) }
        do throws(StorageError) {
            let failed = try reader.finished().first { $0.status != 200 }
            return error(failed?.status ?? 0, method, url)
        } catch {
            return error
        }
    }

    // MARK: directories

    /// MKCOL for each that lacks, and for the directories above it.
    func mkdir(_ directories: [HTTPURL]) -> [Result<Void, StorageError>] {
        listings.forget()
        return make(directories.map(\.asDirectory), isRetry: false)
    }

    private func make(_ urls: [HTTPURL], isRetry: Bool) -> [Result<Void, StorageError>] {
        if urls.isEmpty { return [] }
        var answers: [HTTPURL: Result<Void, StorageError>] = [:]
        let unique = Array(Set(urls)).sorted { $0.path.utf8.count < $1.path.utf8.count }
        var orphans: [HTTPURL] = []
        for (url, answer) in zip(unique, perform(unique.map(DAVServer.making))) {
            guard case .success(let response) = answer else {
                answers[url] = isThereAfterAll(url, answer) ? .success(()) : answer.map { _ in }
                continue
            }
            switch response.status {
            // it is there (RFC 4918, section 9.3.1), perhaps as a file
            case 405: answers[url] = isDirectory(url)
            case 404, 409: orphans.append(url)
            default: answers[url] = .success(())
            }
        }
        let settled = isRetry ? orphans.map(DAVServer.orphan) : makeBelow(orphans)
        for (url, answer) in zip(orphans, settled) { answers[url] = answer }
        return urls.map { answers[$0] ?? DAVServer.orphan($0) }
    }

    /// Makes what is above each first, and then each once more.
    private func makeBelow(_ urls: [HTTPURL]) -> [Result<Void, StorageError>] {
        var answers: [HTTPURL: Result<Void, StorageError>] = [:]
        let children = urls.filter { DAVServer.parent($0) != nil }
        let parents = make(children.compactMap(DAVServer.parent), isRetry: false)
        for (url, made) in zip(children, parents) { answers[url] = made }
        let again = children.filter { if case .success? = answers[$0] { true } else { false } }
        for (url, made) in zip(again, make(again, isRetry: true)) { answers[url] = made }
        return urls.map { answers[$0] ?? DAVServer.orphan($0) }
    }

    private static func orphan(_ url: HTTPURL) -> Result<Void, StorageError> {
        .failure(StorageError(.absent, "MKCOL \(url.shown): the directory above it is not there"))
    }

    private static func making(_ url: HTTPURL) -> HTTPRequest {
        var request = HTTPRequest("MKCOL", url)
        request.expected = .successOr([404, 405, 409])
        return request
    }

    /// Of two who make a directory at once apache tells one that it may not.
    private func isThereAfterAll(_ url: HTTPURL, _ answer: Result<HTTPResponse, StorageError>) -> Bool {
        guard case .failure(let error) = answer, error.kind == .denied else { return false }
        if case .success = isDirectory(url) { return true }
        return false
    }

    private func isDirectory(_ url: HTTPURL) -> Result<Void, StorageError> {
        stat([url])[0].then { status in
            status.isDirectory ? .success(()) : .failure(StorageError(.unsupported, "\(url.shown) is a file"))
        }
    }

    /// nil above the root.
    private static func parent(_ url: HTTPURL) -> HTTPURL? {
        let path = url.path.hasSuffix("/") ? url.path.dropLast() : url.path[...]
        guard let slash = path.lastIndex(of: "/"), !path.isEmpty else { return nil }
        return HTTPURL(origin: url.origin, path: String(path[...slash]))
    }
}
