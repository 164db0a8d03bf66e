import MartletModel
import MartletPorts
import MartletSystem

/// How servers are talked to.
struct ConnectionSettings: Sendable {
    /// Requests under way at once: altogether, and to one server.
    var parallel = 16
    var perHost = 16
    /// Seconds until a connection must stand.
    var connectLimit = 30.0
    /// Seconds for which a transfer, or an answer, may make no progress.
    var idleLimit = 60.0
    var retries = RetryPolicy()
    /// File in PEM, directory with hashed names (OpenSSL's and IGTF's way) of the authorities that servers' certificates
    /// are checked against. nil: those of the system. A directory from the environment counts besides them.
    var authorityFile: String?
    var authorityDirectory: String?
    /// Whether a server may send a client from https on to http, where what is transferred can be read by others.
    var allowsPlainRedirects = false

    init() {}

    /// - Parameters:
    ///   - settings: of a store: `parallel`, `connect_timeout`, `timeout` (seconds), `retries`, `ca`, `plain_redirects`.
    ///   - environment: of the process, see `useAuthorities`.
    init(_ settings: StoreOptions, environment: (String) -> String? = Environment.get) throws(StorageError) {
        if let parallel = try settings.number("parallel", 1...1024) { (self.parallel, perHost) = (Int(parallel), Int(parallel)) }
        if let seconds = try settings.number("connect_timeout", 0.01...86400) { connectLimit = seconds }
        if let seconds = try settings.number("timeout", 0.01...86400) { idleLimit = seconds }
        if let again = try settings.number("retries", 0...20) { retries.tries = Int(again) + 1 }
        if let allowed = try settings.flag("plain_redirects") { allowsPlainRedirects = allowed }
        try useAuthorities(settings.text("ca"), environment)
    }

    /// A store's own setting alone counts; else `SSL_CERT_FILE`, as for OpenSSL, in the place of the system's, and besides
    /// `X509_CERT_DIR`, as for grid tools, else /etc/grid-security/certificates.
    private mutating func useAuthorities(_ own: String?, _ environment: (String) -> String?) {
        if let own {
            if Directory.isDirectory(own) { authorityDirectory = own } else { authorityFile = own }
            return
        }
        if let file = environment("SSL_CERT_FILE"), !file.isEmpty { authorityFile = file }
        let directory = environment("X509_CERT_DIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/etc/grid-security/certificates"
        if Directory.isDirectory(directory) { authorityDirectory = directory }
    }
}
