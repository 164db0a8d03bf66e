import MartletModel
import MartletPorts

/// What Dropbox says of a file or folder.
struct DropboxEntry {
    var name: String
    var status: FileStatus
    /// Of files: names this content for ever.
    var revision: String?
    var hash: String?

    static let root = DropboxEntry(name: "", status: FileStatus(size: 0, modified: 0, isDirectory: true))

    init(name: String, status: FileStatus) {
        self.name = name
        self.status = status
    }

    /// - Throws: `.transient` for what is no such answer.
    init(_ json: JSON?) throws(StorageError) {
        guard let json, let name = json["name"]?.string else { throw DropboxEntry.unreadable }
        self.name = name
        // within some answers the tag is left out
        let isFolder = (json[".tag"]?.string ?? (json["size"] == nil ? "folder" : "file")) == "folder"
        if isFolder {
            status = FileStatus(size: 0, modified: 0, isDirectory: true)
            return
        }
        guard let size = json["size"]?.integer, size >= 0 else { throw DropboxEntry.unreadable }
        let modified = json["server_modified"]?.string.flatMap(HTTPDate.seconds) ?? 0
        status = FileStatus(size: UInt64(size), modified: modified * 1_000_000_000, isDirectory: false)
        revision = json["rev"]?.string
        hash = json["content_hash"]?.string
    }

    static let unreadable = StorageError(.transient, "Dropbox's answer cannot be used")

    var checksum: Checksum? { hash.map { Checksum(algorithm: "dropbox-content-hash", digest: $0) } }

    /// The name as Dropbox compares it.
    static func compared(_ name: String) -> ExactText { ExactText(name.lowercased()) }
}
