import MartletModel

/// An `http` or `https` URL without user and fragment (RFC 3986), in parts that are encoded as they are sent.
struct HTTPURL: Hashable, Sendable {
    /// Who is talked to: what credentials are meant for.
    struct Origin: Hashable, Sendable {
        var isSecure: Bool
        /// In lower case; an IPv6 address in its brackets.
        var host: String
        var port: Int

        /// Whether what is sent there stays on this machine.
        var isLoopback: Bool { host == "localhost" || host == "[::1]" || host.hasPrefix("127.") }

        var text: String {
            let head = "\(isSecure ? "https" : "http")://\(host)"
            return port == (isSecure ? 443 : 80) ? head : "\(head):\(port)"
        }
    }

    var origin: Origin
    /// Percent-encoded, from its first slash on.
    var path: String
    /// Percent-encoded, without the question mark.
    var query: String?

    init(origin: Origin, path: String, query: String? = nil) {
        self.origin = origin
        self.path = path
        self.query = query
    }

    /// A URL as it stands in a header or in settings. nil for another scheme, for what is none, and where it names a user.
    init?(_ text: String) {
        let text = text.prefix { $0 != "#" }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }),
            let colon = text.range(ofFirst: "://"), let isSecure = HTTPURL.isSecure(text[..<colon.lowerBound])
        else { return nil }
        let rest = text[colon.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let origin = Origin(isSecure: isSecure, authority: rest[..<end]) else { return nil }
        let (path, query) = HTTPURL.split(rest[end...])
        self.init(origin: origin, path: path.isEmpty ? "/" : path, query: query)
    }

    /// What goes over the line.
    var text: String { origin.text + path + (query.map { "?\($0)" } ?? "") }

    /// Fit for messages: a query may be a signature.
    var shown: String { origin.text + path }

    /// The URL that a reference names, seen from this one (RFC 3986, section 5.2, without `..` in relative paths).
    func resolving(_ reference: String) -> HTTPURL? {
        if HTTPURL.beginsWithScheme(reference) { return HTTPURL(reference) }
        if reference.hasPrefix("//") { return HTTPURL("\(origin.isSecure ? "https" : "http"):\(reference)") }
        guard reference.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else { return nil }
        let (path, query) = HTTPURL.split(reference.prefix { $0 != "#" })
        if path.isEmpty { return HTTPURL(origin: origin, path: self.path, query: query ?? self.query) }
        if path.hasPrefix("/") { return HTTPURL(origin: origin, path: path, query: query) }
        guard let slash = self.path.lastIndex(of: "/") else { return nil }
        return HTTPURL(origin: origin, path: self.path[...slash] + path, query: query)
    }

    /// Whether a reference is absolute: `scheme:` comes before any slash (RFC 3986, sections 3.1 and 4.2).
    private static func beginsWithScheme(_ reference: String) -> Bool {
        guard let colon = reference.utf8.firstIndex(of: UInt8(ascii: ":")),
            let first = reference.utf8.first, (first | 0x20) >= UInt8(ascii: "a"), (first | 0x20) <= UInt8(ascii: "z")
        else { return false }
        return reference.utf8[..<colon].allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }

    private static func split(_ text: Substring) -> (path: String, query: String?) {
        guard let mark = text.firstIndex(of: "?") else { return (String(text), nil) }
        return (String(text[..<mark]), String(text[text.index(after: mark)...]))
    }

    /// nil for schemes that are not HTTP's. `dav` and `davs` are what grid tools call WebDAV over it.
    static func isSecure(_ scheme: some StringProtocol) -> Bool? {
        switch scheme.lowercased() {
        case "https", "davs": true
        case "http", "dav": false
        default: nil
        }
    }
}

extension HTTPURL.Origin {
    /// - Parameter authority: `host`, `host:port`; nil for anything else.
    init?(isSecure: Bool, authority: Substring) {
        var host = authority
        var port = isSecure ? 443 : 80
        // a colon within brackets belongs to an address
        let tail = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[tail...].lastIndex(of: ":") {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            if !digits.isEmpty {
                guard let number = Int(digits), (1...65535).contains(number) else { return nil }
                port = number
            }
        }
        guard !host.isEmpty, host.utf8.allSatisfy(Self.isHostByte) else { return nil }
        self.init(isSecure: isSecure, host: host.lowercased(), port: port)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"):
            return true
        default: return false
        }
    }
}
