import MartletPorts

/// Whether, and by which digest, what was transferred is compared: a store's setting `checksum`.
enum ChecksumChoice: Equatable, Sendable {
    /// By what the store offers.
    case automatic
    /// Size alone.
    case none
    /// By this one, `.unsupported` where the store has it not.
    case only(String)

    init(_ options: StoreOptions) throws(StorageError) {
        switch try options.text("checksum")?.lowercased() {
        case nil, "auto": self = .automatic
        case "none": self = .none
        case let name?:
            guard LocalDigest.known.contains(name) else {
                throw StorageError(
                    .unsupported, "the store's setting checksum is not auto, none or one of \(LocalDigest.known.joined(separator: ", "))")
            }
            self = .only(name)
        }
    }

    /// For `Want-Digest` (RFC 3230, section 4.3.1); nil to ask for none.
    var wanted: String? {
        switch self {
        case .none: nil
        case .automatic: "adler32;q=1, md5;q=0.8, sha-256;q=0.5"
        case .only("sha256"): "sha-256"
        case .only(let name): name
        }
    }

    /// The one to compare by of those that a store tells; nil for none.
    /// - Throws: `.unsupported` where it lacks the one that was asked for.
    func pick(_ told: [Checksum]) throws(StorageError) -> Checksum? {
        switch self {
        case .none: return nil
        case .automatic: return LocalDigest.known.lazy.compactMap { name in told.first { $0.algorithm == name } }.first
        case .only(let name):
            if let checksum = told.first(where: { $0.algorithm == name }) { return checksum }
            throw StorageError(.unsupported, "the store tells no \(name), which its setting checksum asks for")
        }
    }
}
