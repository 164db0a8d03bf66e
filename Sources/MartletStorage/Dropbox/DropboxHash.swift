import MartletModel
import MartletPorts

/// Dropbox's digest of a content: the SHA-256 of the SHA-256s of its blocks of 4 MiB.
///
/// Source: "Content hash", Dropbox developers' reference.
struct DropboxHash {
    static let block: UInt64 = 4 << 20

    /// The digests of the blocks, one behind the other.
    private(set) var blocks: [UInt8] = []

    /// Adds a part, which begins where a block does.
    /// - Returns: the part's own hash.
    mutating func add(_ range: FileRange) throws(StorageError) -> String {
        var own = DropboxHash()
        for block in FileParts(size: range.count, partSize: DropboxHash.block).ranges(of: range.path) {
            var sum = SHA256()
            try FileRange(path: block.path, offset: range.offset + block.offset, count: block.count).read { sum.update($0) }
            own.blocks += sum.finalize()
        }
        blocks += own.blocks
        return own.text
    }

    /// 64 hexadecimal digits.
    var text: String { SHA256.hex(blocks) }

    static func of(_ bytes: [UInt8]) -> String {
        var hash = DropboxHash()
        var rest = bytes[...]
        while !rest.isEmpty {
            var sum = SHA256()
            rest.prefix(Int(block)).withUnsafeBytes { sum.update($0) }
            hash.blocks += sum.finalize()
            rest = rest.dropFirst(Int(block))
        }
        return hash.text
    }
}
