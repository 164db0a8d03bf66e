import MartletModel
import MartletPorts
import MartletSystem

/// Shows servers who asks: a token or a password of the store's settings; else a token that is found; else a
/// certificate.
///
/// What is found, and not named in settings, goes only to servers that are known to want it: those of WebDAV URLs
/// (`dav`, `davs`), of stores with settings, and such as have refused a request without it.
final class StoreCredentials: RequestAuthorizer {
    private enum Kind {
        case token(SecretSource)
        case password(user: String, SecretSource)
        case found
        case none
    }
    private let kind: Kind
    private let allowsPlain: Bool
    /// Of the settings.
    private let certificate: String?
    private let mayFindCertificate: Bool
    private let environment: (String) -> String?

    /// Servers that credentials are meant for.
    private var known: Set<HTTPURL.Origin> = []
    private var token: SecretSource?

    init(
        _ options: StoreOptions, environment: @escaping (String) -> String? = Environment.get
    ) throws(StorageError) {
        self.environment = environment
        allowsPlain = try options.flag("allow_http") ?? false
        certificate = options.isOff("proxy") ? nil : try options.text("proxy")
        if let token = try SecretSource("token", options, environment: environment) {
            kind = .token(token)
        } else if let user = try options.text("user") {
            guard let password = try SecretSource("password", options, environment: environment) else {
                throw StorageError(.denied, "the store's settings name a user and no password_file or password_env")
            }
            kind = .password(user: user, password)
        } else {
            kind = options.isOff("token") || certificate != nil ? .none : .found
        }
        switch kind {
        case .found, .none: mayFindCertificate = !options.isOff("proxy") && certificate == nil
        case .token, .password: mayFindCertificate = false
        }
    }

    /// Credentials that are found are meant for this server.
    func show(to origin: HTTPURL.Origin) { known.insert(origin) }

    func authorize(_ request: inout HTTPRequest) throws(StorageError) {
        let origin = request.url.origin
        request.certificate = origin.isSecure ? certificate : nil
        switch kind {
        case .token(let source):
            try refusePlain(origin)
            bear(try source.read(), source, &request)
        case .password(let user, let source):
            try refusePlain(origin)
            let password = try source.read()
            let both = Base64.text(Array("\(user):\(password)".utf8))
            request.headers["Authorization"] = "Basic \(both)"
            request.secrets = [password, both]
            request.identity = "as \(user), with the password of \(source.shown)"
        case .found:
            guard try bearFound(&request) else { fallthrough }
        case .none:
            try showCertificate(&request)
        }
    }

    private func bearFound(_ request: inout HTTPRequest) throws(StorageError) -> Bool {
        let origin = request.url.origin
        guard known.contains(origin), isPrivate(origin) else { return false }
        if token == nil { token = try BearerTokens.found(environment) }
        guard let token else { return false }
        bear(try token.read(), token, &request)
        return true
    }

    private func bear(_ token: String, _ source: SecretSource, _ request: inout HTTPRequest) {
        request.headers["Authorization"] = "Bearer \(token)"
        request.secrets = [token]
        request.identity = "with the token of \(source.shown)"
    }

    private func showCertificate(_ request: inout HTTPRequest) throws(StorageError) {
        if mayFindCertificate && request.url.origin.isSecure {
            request.certificate = try ProxyCertificate.found(environment)
        }
        request.identity = request.certificate.map { "with the certificate \($0)" } ?? "without credentials"
    }

    /// Whether others on the way cannot read what is sent, or may.
    private func isPrivate(_ origin: HTTPURL.Origin) -> Bool { origin.isSecure || origin.isLoopback || allowsPlain }

    private func refusePlain(_ origin: HTTPURL.Origin) throws(StorageError) {
        if isPrivate(origin) { return }
        throw StorageError(
            .denied,
            "credentials are not sent to \(origin.text), where others can read them on the way: use https, or set allow_http")
    }

    /// A token may have been renewed meanwhile; and a server that was asked without one may want it.
    func renews(after response: HTTPResponse, to request: HTTPRequest) -> Bool {
        if response.status == 400 { return false }
        show(to: request.url.origin)
        switch kind {
        case .token(let source), .password(_, let source): source.forget()
        // where it lies may have changed too
        case .found: token = nil
        case .none: return false
        }
        var again = request
        again.headers["Authorization"] = nil
        do throws(StorageError) {
            try authorize(&again)
        } catch {
            return false
        }
        return again.headers["Authorization"] != request.headers["Authorization"]
    }
}
