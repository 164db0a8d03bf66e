import MartletPorts

extension DAVServer {
    /// The head of a file's answer with the digests that its server keeps or computes.
    static func head(_ url: HTTPURL, wanting digests: String?) -> HTTPRequest {
        var request = HTTPRequest("HEAD", url)
        request.sink = .discard
        want(digests, &request)
        return request
    }

    /// Asks for digests in both spellings.
    static func want(_ digests: String?, _ request: inout HTTPRequest) {
        guard let digests else { return }
        request.headers["Want-Digest"] = digests
        // RFC 9530 has weights from 0 to 10
        request.headers["Want-Repr-Digest"] = "sha-256=1"
    }

    /// What each server tells of its file: in the head of the answer, else (ownCloud and its kin) as a property.
    func checksum(_ targets: [DAVTarget]) -> [Result<Checksum, StorageError>] {
        let heads = perform(targets.map { DAVServer.head($0.url, wanting: ChecksumChoice.automatic.wanted) })
        var answers = heads.map { head in
            head.then { response in DAVServer.best(DigestHeaders.checksums(response.headers)) }
        }
        let silent = answers.indices.filter { place in
            guard case .failure(let error) = answers[place], error.kind == .unsupported else { return false }
            return !lacks("PROPFIND", targets[place].url)
        }
        let requests = silent.map { DAVServer.propfind(targets[$0].url, .itself, Properties.ownCloudChecksums) }
        for ((place, request), answer) in zip(zip(silent, requests), perform(requests)) {
            do throws(StorageError) {
                guard let entry = try entries(answer, to: request)?.first else { continue }
                if entry.status != 200 { throw DAVServer.error(entry.status, "PROPFIND", request.url) }
                answers[place] = DAVServer.best(DigestHeaders.ownCloud(entry.checksums ?? ""))
            } catch {
                answers[place] = .failure(error)
            }
        }
        return answers
    }

    /// One that we can compute too, if there is one.
    private static func best(_ told: [Checksum]) -> Result<Checksum, StorageError> {
        let ours = LocalDigest.known.lazy.compactMap { name in told.first { $0.algorithm == name } }.first
        if let checksum = ours ?? told.first { return .success(checksum) }
        return .failure(StorageError(.unsupported, "the server tells no checksum"))
    }

    /// Compares a local file with what a server tells of its own.
    func compare(_ path: String, with response: HTTPResponse, of ref: String) throws(StorageError) {
        guard let told = try checksums.pick(DigestHeaders.checksums(response.headers)),
            let own = try LocalDigest.of(path, told.algorithm)
        else { return }
        if own != told.digest {
            throw StorageError(.corrupt, "the \(told.algorithm) of \(ref) is \(told.digest) there and \(own) here")
        }
    }
}
