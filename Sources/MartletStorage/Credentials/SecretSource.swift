import MartletModel
import MartletPorts
import MartletSystem

/// Where a secret is kept. It is read when it is needed, and again when its file has changed: tokens live for an hour,
/// runs for days.
final class SecretSource {
    enum Place: Equatable, Sendable {
        /// Written in the settings themselves.
        case literal(String)
        case variable(String)
        case file(String)
    }
    let place: Place
    private let environment: (String) -> String?
    private var known: (facts: FileFacts, secret: String)?

    init(_ place: Place, environment: @escaping (String) -> String? = Environment.get) {
        self.place = place
        self.environment = environment
    }

    /// The source that settings name under `name`, `name_file` or `name_env`; nil where they name none.
    convenience init?(
        _ name: String, _ options: StoreOptions, environment: @escaping (String) -> String? = Environment.get
    ) throws(StorageError) {
        if let file = try options.text("\(name)_file") {
            self.init(.file(SecretSource.expanded(file, environment)), environment: environment)
        } else if let variable = try options.text("\(name)_env") {
            self.init(.variable(variable), environment: environment)
        } else if !options.isOff(name), let secret = try options.text(name) {
            self.init(.literal(secret), environment: environment)
        } else {
            return nil
        }
    }

    /// Fit for messages.
    var shown: String {
        switch place {
        case .literal: "the settings"
        case .variable(let name): name
        case .file(let path): path
        }
    }

    /// The secret as it is now, without white space around it.
    /// - Throws: `.denied` when there is none.
    func read() throws(StorageError) -> String {
        switch place {
        case .literal(let secret): return try usable(secret)
        case .variable(let name): return try usable(environment(name) ?? "")
        case .file(let path): return try read(path)
        }
    }

    /// Forgets what was read.
    func forget() { known = nil }

    private func read(_ path: String) throws(StorageError) -> String {
        let facts: FileFacts
        let bytes: [UInt8]
        do throws(SystemError) {
            facts = try FileFacts.of(try File.openReading(path))
            if let known, known.facts == facts { return known.secret }
            bytes = try File.read(path)
        } catch {
            throw StorageError(.denied, "the secret cannot be read: \(error)")
        }
        let secret = try usable(String(decoding: bytes, as: UTF8.self))
        known = (facts, secret)
        return secret
    }

    private func usable(_ text: String) throws(StorageError) -> String {
        let secret = text.trimming { $0.isWhitespace }
        // RFC 9110, section 5.5: what may stand in a header
        guard !secret.isEmpty, secret.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw StorageError(.denied, secret.isEmpty ? "there is no secret in \(shown)" : "the secret in \(shown) is more than one line")
        }
        return String(secret)
    }

    /// `~/` is the home directory.
    private static func expanded(_ path: String, _ environment: (String) -> String?) -> String {
        guard path.hasPrefix("~/"), let home = environment("HOME") else { return path }
        return home + path.dropFirst()
    }
}
