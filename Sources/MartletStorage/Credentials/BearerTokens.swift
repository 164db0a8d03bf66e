import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// Finds a token as the document "WLCG Bearer Token Discovery" (version 1.0) says: the first of these that is there
/// counts, without a look at whether it is still valid.
enum BearerTokens {
    /// - Returns: nil where there is no token.
    /// - Throws: `.denied` when a file that must not be used would be the one.
    static func found(
        _ environment: @escaping (String) -> String? = Environment.get
    ) throws(StorageError) -> SecretSource? {
        if let token = environment("BEARER_TOKEN"), !token.isEmpty {
            return SecretSource(.variable("BEARER_TOKEN"), environment: environment)
        }
        if let file = environment("BEARER_TOKEN_FILE"), !file.isEmpty { return SecretSource(.file(file)) }
        let name = "bt_u\(geteuid())"
        if let directory = environment("XDG_RUNTIME_DIR"), !directory.isEmpty, try isUsable("\(directory)/\(name)") {
            return SecretSource(.file("\(directory)/\(name)"))
        }
        return try isUsable("/tmp/\(name)") ? SecretSource(.file("/tmp/\(name)")) : nil
    }

    /// Whether a file is there. Anybody may make one in /tmp: what another user has laid there is not ours to show.
    static func isUsable(_ path: String) throws(StorageError) -> Bool {
        let facts: FileFacts?
        do throws(SystemError) {
            facts = try FileFacts.ifThere(path)
        } catch {
            throw StorageError(.denied, "\(error)")
        }
        guard let facts else { return false }
        guard facts.isOurs, facts.isRegular else {
            throw StorageError(.denied, "\(path) belongs to somebody else, or is no file: it is not used, and nothing in its stead")
        }
        return true
    }
}
