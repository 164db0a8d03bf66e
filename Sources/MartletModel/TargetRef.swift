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

    /// The directory it lies in, without a slash at its end; itself where there is none above it.
    public var parent: TargetRef {
        let bytes = Array(location.utf8)
        let root = TargetRef.lengthOfRoot(bytes)
        var end = bytes.count
        while end > root && bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
        while end > root && bytes[end - 1] != UInt8(ascii: "/") { end -= 1 }
        while end > root && bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
        if end == 0 { return TargetRef(bytes.first == UInt8(ascii: "/") ? "/" : ".") }
        return TargetRef(String(decoding: bytes[..<end], as: UTF8.self))
    }

    /// The last part of the path; empty where there is none.
    public var name: String {
        let bytes = Array(location.utf8)
        let root = TargetRef.lengthOfRoot(bytes)
        var end = bytes.count
        while end > root && bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
        var begin = end
        while begin > root && bytes[begin - 1] != UInt8(ascii: "/") { begin -= 1 }
        return String(decoding: bytes[begin..<end], as: UTF8.self)
    }

    /// `scheme://authority`; empty for a plain path.
    public var root: String {
        let bytes = Array(location.utf8)
        return String(decoding: bytes[..<TargetRef.lengthOfRoot(bytes)], as: UTF8.self)
    }

    /// `root` of many, most of which are likely to have that of the one before.
    public static func roots(of targets: [TargetRef]) -> [String] {
        var last = ""
        return targets.map { target in
            let location = target.location
            if last.isEmpty || !location.hasPrefix(last) || location.utf8.dropFirst(last.utf8.count).first != UInt8(ascii: "/") {
                last = target.root
            }
            return last
        }
    }

    /// What lies directly inside it under a name.
    public func child(_ name: String) -> TargetRef {
        TargetRef(location.hasSuffix("/") ? location + name : "\(location)/\(name)")
    }

    public var description: String { withoutCredentials }

    /// The location as people and records may see it: without a password before the host, and without the values of
    /// what a query, or what follows `#`, calls a signature, token, key or secret.
    public var withoutCredentials: String {
        let root = self.root
        if root.isEmpty { return location }
        let authority = root.prefix { $0 != "?" && $0 != "#" }
        var shown = TargetRef.withoutPassword(String(authority))
        var rest = location.dropFirst(authority.count)
        guard let first = rest.firstIndex(where: TargetRef.separates) else { return shown + rest }
        shown += rest[..<first]
        rest = rest[first...]
        while let separator = rest.popFirst() {
            let parameter = rest.prefix { !TargetRef.separates($0) }
            shown += "\(separator)\(TargetRef.withoutSecret(parameter))"
            rest = rest[parameter.endIndex...]
        }
        return shown
    }

    private static func separates(_ character: Character) -> Bool { "?#&;".contains(character) }

    private static func withoutPassword(_ root: String) -> String {
        guard let at = root.lastIndex(of: "@"), let colon = root.firstIndex(of: ":") else { return root }
        let begin = root.index(colon, offsetBy: "://".count)
        let name = root[begin..<at].prefix { $0 != ":" }
        // a token in place of a name
        let user = name.count < 32 ? name : "***"
        return "\(root[..<begin])\(user)\(root[at...])"
    }

    private static func withoutSecret(_ parameter: Substring) -> String {
        let name = parameter.prefix { $0 != "=" }, folded = name.lowercased()
        let tells = ["sig", "token", "cred", "passw", "secret", "key", "auth", "session"]
        if name.count == parameter.count || !tells.contains(where: { folded.contains($0) }) { return String(parameter) }
        return "\(name)=***"
    }

    /// Bytes of `scheme://authority`; 0 for a plain path.
    private static func lengthOfRoot(_ bytes: [UInt8]) -> Int {
        let scheme = TargetRef(String(decoding: bytes, as: UTF8.self)).scheme
        if scheme.isEmpty { return 0 }
        let begin = scheme.utf8.count + "://".utf8.count
        return bytes[begin...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
    }

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
