import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// Finds a certificate with its key in one file, as grid tools do: an X.509 proxy.
enum ProxyCertificate {
    /// nil where there is none.
    static func found(
        _ environment: (String) -> String? = Environment.get
    ) throws(StorageError) -> String? {
        if let path = environment("X509_USER_PROXY"), !path.isEmpty { return path }
        let path = "/tmp/x509up_u\(geteuid())"
        return try BearerTokens.isUsable(path) ? path : nil
    }
}
