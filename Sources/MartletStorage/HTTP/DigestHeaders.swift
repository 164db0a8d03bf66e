import MartletModel
import MartletPorts

/// The digests that answers tell of a whole file: `Digest` (RFC 3230: dCache, XRootD), `Repr-Digest` (RFC 9530), and
/// `OC-Checksum` (ownCloud and its kin).
enum DigestHeaders {
    static func checksums(_ headers: HTTPHeaders) -> [Checksum] {
        let standard = (headers.all("digest") + headers.all("repr-digest")).flatMap { $0.split(separator: ",") }
            .compactMap { checksum($0, separator: "=") }
        return standard + headers.all("oc-checksum").flatMap(ownCloud)
    }

    /// `SHA1:… MD5:… ADLER32:…`
    static func ownCloud(_ text: String) -> [Checksum] {
        text.split(separator: " ").compactMap { checksum($0, separator: ":") }
    }

    private static func checksum(_ text: Substring, separator: Character) -> Checksum? {
        guard let middle = text.firstIndex(of: separator) else { return nil }
        let name = text[..<middle].trimming { $0 == " " }.lowercased()
        // RFC 9530 puts bytes between colons
        let value = text[text.index(after: middle)...].trimming { $0 == " " || $0 == ":" || $0 == "\"" }
        switch name {
        case "adler32", "adler-32": return hexadecimal(value, 8).map { Checksum(algorithm: "adler32", digest: $0) }
        case "md5": return digest(value, bytes: 16).map { Checksum(algorithm: "md5", digest: $0) }
        case "sha", "sha1", "sha-1": return digest(value, bytes: 20).map { Checksum(algorithm: "sha1", digest: $0) }
        case "sha-256", "sha256": return digest(value, bytes: 32).map { Checksum(algorithm: "sha256", digest: $0) }
        default: return nil
        }
    }

    /// The RFC wants base 64; some servers write hexadecimal digits.
    private static func digest(_ value: Substring, bytes: Int) -> String? {
        if let hex = hexadecimal(value, 2 * bytes), value.utf8.count == 2 * bytes { return hex }
        guard let plain = Base64.bytes(value), plain.count == bytes else { return nil }
        return Hex.text(plain)
    }

    /// Leading zeros are put back where they were left out.
    private static func hexadecimal(_ value: Substring, _ digits: Int) -> String? {
        guard (1...digits).contains(value.utf8.count), value.utf8.allSatisfy({ Hex.value(of: $0) != nil }) else { return nil }
        return String(repeating: "0", count: digits - value.utf8.count) + value.lowercased()
    }
}
