import MartletModel
import MartletPorts
import MartletSystem

/// Shows Dropbox who asks: a token of the settings, or one that a refresh token brings, which lives for some hours.
///
/// Source: "OAuth Guide", Dropbox developers' reference.
final class DropboxToken: RequestAuthorizer {
    private enum Source {
        case token(SecretSource)
        case refresh(SecretSource, appKey: String, appSecret: SecretSource?)
    }
    private let source: Source
    private let api: HTTPURL
    private let allowsPlain: Bool
    private let client: HTTPClient
    private var access: String?

    /// - Parameter options: `token`, `token_file`, `token_env`; else `refresh_token_file`, `app_key`, `app_secret_file`;
    ///   `allow_http`.
    init(
        _ options: StoreOptions, api: HTTPURL, client: HTTPClient, _ environment: @escaping (String) -> String?
    ) throws(StorageError) {
        self.api = api
        self.client = client
        allowsPlain = try options.flag("allow_http") ?? false
        if let token = try SecretSource("token", options, environment: environment) {
            source = .token(token)
        } else if let refresh = try SecretSource("refresh_token", options, environment: environment) {
            guard let key = try options.text("app_key") else {
                throw StorageError(.denied, "a refresh token is for one application: the store's setting app_key lacks")
            }
            let secret = try SecretSource("app_secret", options, environment: environment)
            source = .refresh(refresh, appKey: key, appSecret: secret)
        } else {
            throw StorageError(
                .denied, "Dropbox wants a token: name its file in the store's settings, as token_file, or as refresh_token_file with app_key")
        }
    }

    func authorize(_ request: inout HTTPRequest) throws(StorageError) {
        let origin = request.url.origin
        guard origin.isSecure || origin.isLoopback || allowsPlain else {
            throw StorageError(.denied, "a token is not sent over plain http, where others can read it")
        }
        let token = try current()
        request.headers["Authorization"] = "Bearer \(token)"
        request.secrets.append(token)
    }

    func renews(after response: HTTPResponse, to request: HTTPRequest) -> Bool {
        guard response.status == 401 else { return false }
        let before = access
        access = nil
        if case .token(let source) = source { source.forget() }
        do throws(StorageError) { return try current() != before } catch { return false }
    }

    /// What no message may repeat.
    var secrets: [String] { access.map { [$0] } ?? [] }

    private func current() throws(StorageError) -> String {
        switch source {
        case .token(let source):
            let token = try source.read()
            access = token
            return token
        case .refresh(let refresh, let key, let secret):
            if let access { return access }
            let token = try renewed(try refresh.read(), key, try secret?.read())
            access = token
            return token
        }
    }

    private func renewed(_ refresh: String, _ key: String, _ secret: String?) throws(StorageError) -> String {
        var form = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("client_id", key)]
        if let secret { form.append(("client_secret", secret)) }
        let body = form.map { "\($0)=\(PercentEncoding.text($1))" }.joined(separator: "&")
        var request = HTTPRequest(
            "POST", api.below("/oauth2/token"), headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: .bytes(Array(body.utf8)))
        request.isRepeatable = true
        request.expected = .successOr([400, 401])
        request.followsRedirections = false
        request.secrets = [refresh] + (secret.map { [$0] } ?? [])
        let response = try HTTPClient(client.settings).perform([request])[0].get()
        let json = DropboxAnswer.json(response)
        guard response.isSuccess, let token = json?["access_token"]?.string, !token.isEmpty else {
            let reason = json?["error"]?.string ?? "status \(response.status)"
            throw StorageError(
                .denied, "Dropbox does not take the refresh token: \(HTTPWording.redacted(HTTPWording.plain(reason, limit: 80), request))")
        }
        return token
    }
}

extension HTTPURL {
    /// - Parameter path: from its slash on; needs no encoding.
    func below(_ path: String) -> HTTPURL {
        HTTPURL(origin: origin, path: (self.path == "/" ? "" : self.path) + path)
    }
}
