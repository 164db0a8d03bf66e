import MartletModel
import MartletPorts
import MartletSystem

/// Who signs requests to one endpoint: knows the keys in use, and how far the clock is off.
final class S3Signature {
    private let source: S3Keys
    private let clock = SystemClock()
    /// Nanoseconds to add to the clock, as the server's answers tell.
    private var skew: Int64 = 0
    private var keys: AWSCredentials??

    /// A server refuses what is signed more than 15 minutes ago or ahead.
    private static let tolerance: Int64 = 5 * 60 * 1_000_000_000

    init(_ source: S3Keys) { self.source = source }

    /// How far the clock here was found to be off, in whole minutes; 0 when it is right.
    var minutesOff: Int64 { skew / 60_000_000_000 }

    /// What no message may repeat.
    var secrets: [String] {
        guard case .some(.some(let keys)) = keys else { return [] }
        return [keys.secretKey] + (keys.sessionToken.map { [$0] } ?? [])
    }

    fileprivate func sign(_ request: inout HTTPRequest, for region: String) throws(StorageError) {
        if let digest = try contentMD5(request) { request.headers["content-md5"] = Base64.text(digest) }
        guard let keys = try current() else { return }
        let payload = try payload(request)
        request.headers["x-amz-content-sha256"] = payload
        var signed = [(name: "host", value: host(request.url))]
        for line in request.headers.lines where S3Signature.isSigned(line.name.lowercased()) {
            signed.append((line.name, line.value))
        }
        let added = SigV4(credentials: keys, region: region).headers(
            for: SigV4.Request(
                method: request.method, path: request.url.path, query: request.url.query ?? "", headers: signed,
                payload: payload),
            at: clock.wall() + skew)
        for (name, value) in added { request.headers[name] = value }
        request.secrets += secrets
    }

    private static func isSigned(_ name: String) -> Bool {
        name.hasPrefix("x-amz-") || name == "content-md5" || name == "content-type"
    }

    private func host(_ url: HTTPURL) -> String {
        url.origin.port == (url.origin.isSecure ? 443 : 80) ? url.origin.host : "\(url.origin.host):\(url.origin.port)"
    }

    private func current() throws(StorageError) -> AWSCredentials? {
        if let keys { return keys }
        let read = try source.read()
        keys = .some(read)
        return read
    }

    // MARK: the body

    /// Over TLS the digest of the content keeps it whole. Elsewhere the signature has to cover it, lest somebody between
    /// puts another in its place.
    private func payload(_ request: HTTPRequest) throws(StorageError) -> String {
        switch request.body {
        case .none: return SigV4.emptyPayload
        case .bytes(let bytes): return SHA256.hex(bytes)
        case .file(let path, let offset, let count):
            if request.url.origin.isSecure { return SigV4.unsignedPayload }
            var sum = SHA256()
            try FileRange(path: path, offset: offset, count: count).read { sum.update($0) }
            return Hex.text(sum.finalize())
        }
    }

    private func contentMD5(_ request: HTTPRequest) throws(StorageError) -> [UInt8]? {
        switch request.body {
        case .none: return nil
        case .bytes(let bytes): return MD5.digest(bytes)
        case .file(let path, let offset, let count):
            return try FileRange(path: path, offset: offset, count: count).md5()
        }
    }

    // MARK: refusals

    /// - Returns: whether what is signed now differs from what was signed before.
    fileprivate func learns(from response: HTTPResponse) -> Bool {
        // neither may keep the other from happening
        let isSkewed = correctClock(response)
        let hasNewKeys = readKeysAnew()
        return isSkewed || hasNewKeys
    }

    private func correctClock(_ response: HTTPResponse) -> Bool {
        guard let date = response.headers["date"].flatMap(HTTPDate.seconds) else { return false }
        let off = date * 1_000_000_000 - clock.wall()
        guard abs(off - skew) > S3Signature.tolerance else { return false }
        skew = off
        return true
    }

    private func readKeysAnew() -> Bool {
        do throws(StorageError) {
            let read = try source.read()
            let isOther = keys != .some(read)
            keys = .some(read)
            return isOther
        } catch {
            return false  // the store's refusal is the one to tell of
        }
    }
}

/// Signs requests for one region.
struct S3Signer: RequestAuthorizer {
    let signature: S3Signature
    let region: String

    func authorize(_ request: inout HTTPRequest) throws(StorageError) { try signature.sign(&request, for: region) }
    func renews(after response: HTTPResponse, to request: HTTPRequest) -> Bool { signature.learns(from: response) }
}
