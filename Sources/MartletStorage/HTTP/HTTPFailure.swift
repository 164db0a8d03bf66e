import CCurl
import MartletPorts

/// Why an attempt brought no answer.
struct HTTPFailure: Equatable, Sendable {
    var kind: StorageError.Class
    var words: String
    /// Another attempt may fare better.
    var isPassing = false
    /// The server was not reached: whatever was asked for was not begun.
    var isUnreached = false

    init(_ kind: StorageError.Class, _ words: String) {
        self.kind = kind
        self.words = words
    }

    /// - Parameters:
    ///   - code: of libcurl.
    ///   - words: libcurl's; they name hosts, and neither URLs nor headers.
    init(code: Int32, words: String) {
        self.words = words
        switch ccurl_code(rawValue: UInt32(bitPattern: code)) {
        case CCURL_NO_PROXY_ADDRESS, CCURL_NO_HOST_ADDRESS, CCURL_NO_CONNECTION:
            (kind, isPassing, isUnreached) = (.transient, true, true)
        // a certificate that is not believed, or a server that does not believe ours, stays so until somebody acts
        case CCURL_PEER_UNVERIFIED, CCURL_CA_UNREADABLE:
            (kind, isUnreached) = (.denied, true)
            self.words += "; who is to be believed is named by the store's setting ca, SSL_CERT_FILE or X509_CERT_DIR"
        case CCURL_CLIENT_CERTIFICATE, CCURL_CIPHER, CCURL_CLIENT_CERTIFICATE_WANTED:
            (kind, isUnreached) = (.denied, true)
        case CCURL_TLS_FAILED: (kind, isPassing, isUnreached) = (.transient, true, true)
        case CCURL_PARTIAL: (kind, isPassing) = (.corrupt, true)
        case CCURL_URL_MALFORMED, CCURL_NOT_BUILT_IN, CCURL_TOO_LARGE: kind = .unsupported
        // timeouts, resets, answers that are no HTTP, …: nothing may be taken for absent or impossible by mistake
        default: (kind, isPassing) = (.transient, true)
        }
        // in TLS 1.3 a server says so when the connection stands already, and it is read as an answer
        if HTTPFailure.isRefusal(words) { (kind, isPassing) = (.denied, false) }
    }

    /// Whether TLS libraries say with these words that the server does not accept us (RFC 8446, section 6.2).
    private static func isRefusal(_ words: String) -> Bool {
        guard words.range(ofFirst: "alert") != nil else { return false }
        return ["certificate", "unknown ca", "unknown CA", "access denied", "handshake failure", "protocol version"]
            .contains { words.range(ofFirst: $0) != nil }
    }

    /// The class of a status that is an error. WebDAV's are of RFC 4918, section 11.
    static func kind(of status: Int) -> StorageError.Class {
        switch status {
        case 404, 410: .absent
        case 401, 403, 407, 451, 511: .denied
        case 413, 507: .full
        case 408, 421, 423, 424, 425, 429: .transient
        case 501, 505, 506, 508: .unsupported
        case 500...: .transient
        default: .unsupported
        }
    }

    /// Whether the server promises with a status that the request was not carried out.
    static func isRefusalForNow(_ status: Int) -> Bool { status == 429 || status == 503 || status == 425 }
}
