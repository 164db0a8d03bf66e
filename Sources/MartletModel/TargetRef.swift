/// Where a result lies: a path or a URL, kept as it was written.
public struct TargetRef: Hashable, Sendable, CustomStringConvertible {
    public let location: String
    public init(_ location: String) { self.location = location }

    /// The URL scheme in lower case; empty for a plain path.
    public var scheme: String {
        var location = location
        return location.withUTF8 { bytes in
            let slash = UInt8(ascii: "/")
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon + 2 < bytes.count,
                bytes[colon + 1] == slash, bytes[colon + 2] == slash, bytes[..<colon].allSatisfy(TargetRef.isSchemeByte)
            else { return "" }
            return String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
        }
    }

    /// The path on the local file system for plain paths and `file://` URLs, else nil.
    public var localPath: String? {
        switch scheme {
        case "": return location
        case "file": return String(location.dropFirst("file://".count))
        default: return nil
        }
    }

    public var description: String { location }

    // RFC 3986, section 3.1
    private static func isSchemeByte(_ b: UInt8) -> Bool {
        switch b {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return true
        default: return false
        }
    }
}
