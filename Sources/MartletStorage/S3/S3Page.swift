import MartletModel
import MartletPorts

/// An answer to ListObjectsV2: objects and directories in the order of their keys' bytes, and where the next page begins.
struct S3Page {
    struct Entry {
        /// The whole key; that of a directory ends in a slash.
        var key: String
        var isDirectory: Bool
        var size: UInt64 = 0
        /// Nanoseconds since 1970-01-01 UTC; 0 where the store does not say.
        var modified: Int64 = 0
    }
    private(set) var entries: [Entry] = []
    /// nil for the last page.
    private(set) var next: String?

    init(_ body: [UInt8]) throws(StorageError) {
        let elements = try XMLElements(body)
        let isEncoded = elements["ListBucketResult/EncodingType"] == "url"
        var entry = Entry(key: "", isDirectory: false)
        for element in elements.all {
            switch element.path {
            case "ListBucketResult/Contents/Key":
                entry = Entry(key: try S3Page.key(element.text, isEncoded), isDirectory: false)
            case "ListBucketResult/Contents/Size": entry.size = UInt64(element.text) ?? 0
            case "ListBucketResult/Contents/LastModified":
                entry.modified = (HTTPDate.seconds(element.text) ?? 0) * 1_000_000_000
            case "ListBucketResult/Contents": entries.append(entry)
            case "ListBucketResult/CommonPrefixes/Prefix":
                entries.append(Entry(key: try S3Page.key(element.text, isEncoded), isDirectory: true))
            case "ListBucketResult/NextContinuationToken": next = element.text
            default: break
            }
        }
        guard elements.all.last?.path == "ListBucketResult" else {
            throw StorageError(.transient, "the server's answer is no list of a bucket")
        }
        if elements["ListBucketResult/IsTruncated"] != "true" { next = nil } else if next == nil {
            throw StorageError(.transient, "the server's list ends, and does not say where it goes on")
        }
        // objects and directories come apart
        entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// Amazon's own encoding has a plus for a space, and an encoded plus for a plus.
    static func key(_ text: String, _ isEncoded: Bool) throws(StorageError) -> String {
        if !isEncoded { return text }
        guard let key = PercentEncoding.decoded(String(text.map { $0 == "+" ? " " : $0 })) else {
            throw StorageError(.transient, "the server's list has a key that cannot be read")
        }
        return key
    }
}
