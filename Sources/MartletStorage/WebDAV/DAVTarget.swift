import MartletModel
import MartletPorts

/// A target, and how its server is asked for it.
struct DAVTarget: Sendable {
    let ref: TargetRef
    let url: HTTPURL

    init(_ ref: TargetRef) throws(StorageError) {
        var memory = HTTPPath.OriginMemory()
        try self.init(ref, &memory)
    }

    init(_ ref: TargetRef, _ memory: inout HTTPPath.OriginMemory) throws(StorageError) {
        self.ref = ref
        url = try HTTPPath.url(ref, &memory)
    }

    /// The location as far as its last slash: what two targets of one directory share.
    var directory: Substring.UTF8View {
        let location = ref.location.utf8
        return Substring(location[..<(location.lastIndex(of: UInt8(ascii: "/")) ?? location.startIndex)]).utf8
    }

    /// The URL of the directory that it lies in, and its name in there, decoded; nil for the root of a server.
    var place: (directory: HTTPURL, name: String)? {
        guard let slash = url.path.utf8.lastIndex(of: UInt8(ascii: "/")), url.path.utf8.count > 1 else { return nil }
        let directory = slash == url.path.startIndex ? "/" : String(url.path[..<slash])
        let name = PercentEncoding.decoded(url.path[url.path.utf8.index(after: slash)...]) ?? ""
        return (HTTPURL(origin: url.origin, path: directory), name)
    }
}

extension HTTPURL {
    /// The same place as a collection, which servers want written with a slash at its end.
    var asDirectory: HTTPURL { path.hasSuffix("/") ? self : HTTPURL(origin: origin, path: path + "/", query: query) }

    /// Decoded, in the spelling that `DAVEntry.path` has.
    var plainPath: String { HTTPPath.tidy(PercentEncoding.decoded(path) ?? path) }
}
