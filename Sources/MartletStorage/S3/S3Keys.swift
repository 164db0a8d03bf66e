import MartletModel
import MartletPorts
import MartletSystem

/// Where the keys come from that requests to S3 are signed with. They are read when they are needed, and again when the
/// store refuses them: keys of limited life are replaced in their file.
struct S3Keys: @unchecked Sendable {
    // Unchecked: `environment` reads the process's, which does not change.
    private enum Source {
        case nobody
        case variables
        case file(String)
        case shared
    }
    private let source: Source
    private let profile: String
    private let environment: (String) -> String?

    /// - Parameters:
    ///   - options: `anonymous`; `key_file`, a file of AWS's form or of one line `ACCESS:SECRET`; `profile`.
    ///   - environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_PROFILE`,
    ///     `AWS_SHARED_CREDENTIALS_FILE`, `AWS_CONFIG_FILE`, `HOME`.
    init(_ options: StoreOptions, _ environment: @escaping (String) -> String?) throws(StorageError) {
        func variable(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        let named = try options.text("profile")
        profile = named ?? variable("AWS_PROFILE") ?? "default"
        self.environment = variable
        if try options.flag("anonymous") == true {
            source = .nobody
        } else if let path = try options.text("key_file") {
            source = .file(path)
        } else if named == nil, variable("AWS_ACCESS_KEY_ID") != nil {
            source = .variables
        } else {
            source = .shared
        }
    }

    /// nil for nobody's.
    func read() throws(StorageError) -> AWSCredentials? {
        switch source {
        case .nobody: return nil
        case .variables:
            guard let access = environment("AWS_ACCESS_KEY_ID"), let secret = environment("AWS_SECRET_ACCESS_KEY") else {
                throw StorageError(.denied, "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")
            }
            return AWSCredentials(accessKey: access, secretKey: secret, sessionToken: environment("AWS_SESSION_TOKEN"))
        case .file(let path): return try S3Keys.inFile(path, profile)
        case .shared:
            for path in [credentialsFile, configFile].compactMap({ $0 }) {
                if let keys = try S3Keys.profiles(path)?.credentials(of: profile) { return keys }
            }
            throw StorageError(
                .denied,
                "there are no keys for S3 in the profile \(profile): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the "
                    + "store's key_file or profile, or anonymous = true for what is public")
        }
    }

    /// What the profile says of something else.
    func setting(_ name: String) -> String? {
        guard let path = configFile else { return nil }
        // whoever cannot read it has no settings there
        do throws(StorageError) { return try S3Keys.profiles(path)?[profile, name] } catch { return nil }
    }

    private var credentialsFile: String? { environment("AWS_SHARED_CREDENTIALS_FILE") ?? inHome("credentials") }
    private var configFile: String? { environment("AWS_CONFIG_FILE") ?? inHome("config") }
    private func inHome(_ name: String) -> String? { environment("HOME").map { "\($0)/.aws/\(name)" } }

    private static func inFile(_ path: String, _ profile: String) throws(StorageError) -> AWSCredentials {
        guard let text = try text(path) else { throw StorageError(.denied, "there is no file of keys for S3 at \(path)") }
        if let keys = AWSProfiles(text).credentials(of: profile) { return keys }
        let line = text.trimming(\.isWhitespace)
        if !line.contains(where: \.isWhitespace), let colon = line.firstIndex(of: ":"), colon > line.startIndex {
            return AWSCredentials(
                accessKey: String(line[..<colon]), secretKey: String(line[line.index(after: colon)...]))
        }
        throw StorageError(
            .denied, "\(path) has neither a profile \(profile) with aws_access_key_id and aws_secret_access_key nor one line ACCESS:SECRET")
    }

    private static func profiles(_ path: String) throws(StorageError) -> AWSProfiles? { try text(path).map(AWSProfiles.init) }

    /// nil where there is no such file.
    private static func text(_ path: String) throws(StorageError) -> String? {
        do throws(SystemError) {
            return String(decoding: try File.read(path), as: UTF8.self)
        } catch {
            let error = StorageError(error)
            if error.kind == .absent { return nil }
            throw StorageError(.denied, "the keys for S3 cannot be read: \(error.message)")
        }
    }
}
