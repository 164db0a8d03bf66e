import MartletModel
import MartletPorts

/// Paths of targets: what stands behind the host, as the store knows it, in which every character stands for itself.
enum HTTPPath {
    /// The URL that a target is asked for with.
    /// - Throws: `.unsupported` for another scheme, for what cannot be a name in a store, and for paths that leave theirs.
    static func url(_ target: TargetRef) throws(StorageError) -> HTTPURL {
        var memory = OriginMemory()
        return try url(target, &memory)
    }

    /// Of many targets most have the origin of the one before.
    struct OriginMemory {
        fileprivate var root: Substring = ""
        fileprivate var origin: HTTPURL.Origin?
    }

    static func url(_ target: TargetRef, _ memory: inout OriginMemory) throws(StorageError) -> HTTPURL {
        let location = target.location
        if let origin = memory.origin, location.utf8.starts(with: memory.root.utf8) {
            let path = location[location.utf8.index(location.startIndex, offsetBy: memory.root.utf8.count)...]
            if path.utf8.first == UInt8(ascii: "/") { return HTTPURL(origin: origin, path: try encoded(path, of: target)) }
        }
        guard let isSecure = HTTPURL.isSecure(target.scheme) else {
            throw StorageError(.unsupported, "\(target) is no URL of HTTP or WebDAV")
        }
        let rest = target.location.utf8.dropFirst(target.scheme.utf8.count + 3)
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        let authority = Substring(rest[..<slash])
        if rest[..<slash].contains(UInt8(ascii: "@")) {
            throw StorageError(
                .unsupported, "a URL with a user in it ends up in records: name user and password_file in the store's settings")
        }
        guard let origin = HTTPURL.Origin(isSecure: isSecure, authority: authority) else {
            throw StorageError(.unsupported, "\(target) names no host")
        }
        memory.root = Substring(target.location.utf8[..<slash])
        memory.origin = origin
        return HTTPURL(origin: origin, path: try encoded(Substring(rest[slash...]), of: target))
    }

    private static func encoded(_ path: Substring, of target: TargetRef) throws(StorageError) -> String {
        if isPlain(path) { return String(path) }
        // no terminal, log or header is to be surprised by a name
        guard path.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw StorageError(.unsupported, "a name with a control character in it is for no store: \(path.debugDescription)")
        }
        if path.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual("..".utf8) }) {
            throw StorageError(.unsupported, "\(target) leaves its store by `..`")
        }
        return PercentEncoding.text(tidy(String(path)), keepingSlashes: true)
    }

    /// Begins with a slash and does not end with one, without doubled slashes and `.`: one spelling for one place.
    static func tidy(_ path: String) -> String {
        if isTidy(path) { return path }
        return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// Whether nothing of it is to be encoded, tidied or refused: so it is with most names.
    private static func isPlain(_ path: Substring) -> Bool {
        let slash = UInt8(ascii: "/")
        guard path.utf8.first == slash else { return false }
        var last: UInt8 = 0
        for byte in path.utf8 {
            if last == slash && (byte == slash || byte == UInt8(ascii: ".")) { return false }
            guard byte == slash || PercentEncoding.isUnreserved(byte) else { return false }
            last = byte
        }
        return last != slash || path.utf8.count == 1
    }

    private static func isTidy(_ path: String) -> Bool {
        let slash = UInt8(ascii: "/")
        guard path.utf8.first == slash else { return false }
        var last: UInt8 = 0
        for byte in path.utf8 {
            // a name that begins with a dot goes the long way, whether or not it is `.`
            if last == slash && (byte == slash || byte == UInt8(ascii: ".")) { return false }
            last = byte
        }
        return last != slash || path.utf8.count == 1
    }
}
