import MartletModel
import MartletPorts

/// A place in the user's Dropbox: `dropbox:///folder/file`. Dropbox keeps the case of a name, and tells no two names apart
/// by it.
struct DropboxPath: Hashable, Sendable {
    /// As Dropbox wants it: empty for the root, else from its first slash on, without one at its end.
    var text: String
    /// The session whose content waits to become the file; nil for the file itself.
    var session: DropboxSession?

    init(text: String, session: DropboxSession? = nil) {
        self.text = text
        self.session = session
    }

    init(_ target: TargetRef) throws(StorageError) {
        guard target.scheme == "dropbox" else { throw StorageError(.unsupported, "\(target) is not in Dropbox") }
        // by bytes: a slash and an accent behind it are one character
        var path = Array(target.location.utf8.dropFirst("dropbox://".utf8.count))[...]
        if let mark = path.firstRange(of: DropboxSession.mark.utf8) {
            guard let session = DropboxSession(String(decoding: path[mark.upperBound...], as: UTF8.self)) else {
                throw StorageError(.unsupported, "\(target) names no upload session")
            }
            self.session = session
            path = path[..<mark.lowerBound]
        }
        let slash = UInt8(ascii: "/")
        guard path.isEmpty || path.first == slash else {
            throw StorageError(.unsupported, "\(target) has a host, and Dropbox has none: dropbox:///FOLDER/FILE is expected")
        }
        while path.last == slash { path.removeLast() }
        let parts = path.split(separator: slash)
        guard !parts.contains(where: { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) else {
            throw StorageError(.unsupported, "\(target) has a part . or .., which Dropbox does not resolve")
        }
        guard !path.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw StorageError(.unsupported, "the path holds a control character")
        }
        text = parts.map { "/" + String(decoding: $0, as: UTF8.self) }.joined()
    }

    var target: TargetRef { TargetRef("dropbox://\(text.isEmpty ? "/" : text)" + (session.map { DropboxSession.mark + $0.name } ?? "")) }

    var isRoot: Bool { text.isEmpty }

    var parent: DropboxPath { DropboxPath(text: String(decoding: split.directory, as: UTF8.self)) }
    var name: String { String(decoding: split.name, as: UTF8.self) }

    private var split: (directory: ArraySlice<UInt8>, name: ArraySlice<UInt8>) {
        let bytes = Array(text.utf8)
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return ([], bytes[...]) }
        return (bytes[..<slash], bytes[(slash + 1)...])
    }

    static func == (a: DropboxPath, b: DropboxPath) -> Bool {
        ExactText(a.text) == ExactText(b.text) && a.session == b.session
    }
    func hash(into hasher: inout Hasher) { hasher.combine(ExactText(text)) }
}

/// A content that was sent, and is nobody's file yet. Dropbox forgets it after seven days.
struct DropboxSession: Hashable, Sendable {
    var id: String
    var size: UInt64
    /// Of the content, see `DropboxHash`; empty where it is not known.
    var hash = ""

    /// No path of ours holds it: the part behind it is always a session's name.
    static let mark = "#martlet-session="

    init(id: String, size: UInt64, hash: String = "") {
        self.id = id
        self.size = size
        self.hash = hash
    }

    /// `ID,SIZE,HASH`.
    init?(_ name: String) {
        guard let second = name.lastIndex(of: ","), let first = name[..<second].lastIndex(of: ","),
            let size = UInt64(name[name.index(after: first)..<second])
        else { return nil }
        self.init(id: String(name[..<first]), size: size, hash: String(name[name.index(after: second)...]))
    }

    var name: String { "\(id),\(size),\(hash)" }
}
