import MartletPorts

/// What one request has been through, and what is to become of it. Decides; touches nothing.
struct RequestRun {
    enum Verdict {
        case ended(Result<HTTPResponse, StorageError>)
        /// To be sent again after so many seconds.
        case again(after: Double, askedByServer: Bool)
        /// To be sent on at once, to `url`.
        case redirected
    }

    static let mostRedirections = 10

    let request: HTTPRequest
    /// As it is sent: with credentials, and what a redirection has made of it.
    private(set) var current: HTTPRequest
    private(set) var url: HTTPURL
    private(set) var attempts = 0
    private var redirections = 0
    private var hasRenewed = false

    // A content that broke off: bytes that are here, the most that ever were, and whether it is still the same.
    private var had: UInt64 = 0
    private(set) var reached: UInt64 = 0
    private var validator: String?

    init(_ request: HTTPRequest) {
        self.request = request
        current = request
        url = request.url
    }

    /// Begins the next attempt where nothing has been redirected yet.
    mutating func begin(_ authorizer: some RequestAuthorizer) throws(StorageError) {
        guard redirections == 0 else { return }
        attempts += 1
        current = request
        try authorizer.authorize(&current)
    }

    var isAway: Bool { url.origin != request.url.origin }

    var headersToSend: HTTPHeaders {
        var headers = current.headers
        if isAway { for name in ["authorization", "cookie"] { headers[name] = nil } }
        if had > 0, let validator {
            headers["range"] = "bytes=\(had)-"
            headers["if-range"] = validator
        }
        return headers
    }

    /// Where in the content the body of a good answer begins, counted from what was asked for.
    func placeToGoOn(_ status: Int, _ headers: HTTPHeaders) throws(StorageError) -> UInt64 {
        guard had > 0, status == 206 else { return 0 }
        guard let range = headers["content-range"], range.hasPrefix("bytes \(had)-") else {
            throw StorageError(.corrupt, "the server sent another part than was asked for")
        }
        return had
    }

    /// - Parameter random: for the length of pauses.
    mutating func judge(
        _ end: AttemptEnd, _ settings: ConnectionSettings, _ authorizer: some RequestAuthorizer,
        _ random: inout some RandomNumberGenerator
    ) -> Verdict {
        switch end {
        case .failed(let failure, let received, let validator):
            keep(received, validator)
            let mayRepeat = failure.isPassing && (failure.isUnreached || request.isRepeatable)
            if mayRepeat, let pause = settings.retries.pause(after: attempts, asked: nil, &random) {
                return again(pause)
            }
            return .ended(.failure(HTTPWording.error(failure, of: current, at: url)))
        case .answered(let response):
            if let verdict = redirect(response, settings) { return verdict }
            if [400, 401, 403].contains(response.status), !hasRenewed, redirections == 0,
                authorizer.renews(after: response, to: current)
            {
                hasRenewed = true
                return again(0)
            }
            return judge(response, settings, &random)
        }
    }

    private mutating func judge(
        _ response: HTTPResponse, _ settings: ConnectionSettings, _ random: inout some RandomNumberGenerator
    ) -> Verdict {
        var isWanted = request.expected.contains(response.status)
        if case .any = request.expected { isWanted = response.isSuccess }
        let isPassing = HTTPFailure.kind(of: response.status) == .transient && !response.isSuccess
        if !isWanted && isPassing && (request.isRepeatable || HTTPFailure.isRefusalForNow(response.status)) {
            let asked = RetryPolicy.asked(response.headers)
            if let pause = settings.retries.pause(after: attempts, asked: asked, &random) {
                return again(pause, askedByServer: asked != nil)
            }
        }
        if request.expected.contains(response.status) { return .ended(.success(response)) }
        return .ended(.failure(HTTPWording.error(response, of: current)))
    }

    private mutating func again(_ pause: Double, askedByServer: Bool = false) -> Verdict {
        // a server that was redirected to may be the one that fails
        url = request.url
        redirections = 0
        return .again(after: pause, askedByServer: askedByServer)
    }

    /// nil when the answer is no redirection.
    private mutating func redirect(_ response: HTTPResponse, _ settings: ConnectionSettings) -> Verdict? {
        guard request.followsRedirections, [301, 302, 303, 307, 308].contains(response.status),
            let place = response.headers["location"]
        else { return nil }
        if case .successOr(let wanted) = request.expected, wanted.contains(response.status) { return nil }
        func refused(_ why: String) -> Verdict {
            .ended(.failure(StorageError(.unsupported, "\(HTTPWording.text(response, of: current)): \(why)")))
        }
        guard let next = url.resolving(place) else { return refused("it sends us to a place that is no URL of HTTP") }
        if url.origin.isSecure && !next.origin.isSecure && !settings.allowsPlainRedirects {
            return refused(
                "it sends us on from https to http, to \(next.origin.text); the store's setting plain_redirects allows that")
        }
        redirections += 1
        guard redirections <= RequestRun.mostRedirections else { return refused("it sends us on and on") }
        url = next
        // RFC 9110, section 15.4: after these others than GET and HEAD are asked for with GET
        if response.status == 303 || (current.method == "POST" && [301, 302].contains(response.status)) {
            if current.method != "HEAD" { current.method = "GET" }
            current.body = .none
        }
        return .redirected
    }

    private mutating func keep(_ received: UInt64, _ validator: String?) {
        guard case .file = request.sink, request.method == "GET", request.headers["range"] == nil else { return }
        reached = max(reached, received)
        // only a strong validator says that the bytes are the same (RFC 9110, section 8.8.1)
        guard received > 0, let validator, validator.hasPrefix("\"") else { return (had, self.validator) = (0, nil) }
        (had, self.validator) = (received, validator)
    }
}
