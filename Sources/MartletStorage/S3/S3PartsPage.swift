import MartletPorts

/// An answer to ListParts: what has arrived of an upload.
struct S3PartsPage {
    /// Bytes.
    private(set) var size: UInt64 = 0
    /// Nanoseconds since 1970-01-01 UTC of the part that arrived last; 0 where there is none.
    private(set) var modified: Int64 = 0
    /// The number behind which the next page begins; nil for the last page.
    private(set) var next: String?

    init(_ body: [UInt8]) throws(StorageError) {
        let elements = try XMLElements(body)
        guard elements.all.last?.path == "ListPartsResult" else {
            throw StorageError(.transient, "the server's answer is no list of parts")
        }
        for element in elements.all {
            switch element.path {
            case "ListPartsResult/Part/Size": size += UInt64(element.text) ?? 0
            case "ListPartsResult/Part/LastModified":
                modified = max(modified, (HTTPDate.seconds(element.text) ?? 0) * 1_000_000_000)
            default: break
            }
        }
        guard elements["ListPartsResult/IsTruncated"] == "true" else { return }
        guard let mark = elements["ListPartsResult/NextPartNumberMarker"], !mark.isEmpty else {
            throw StorageError(.transient, "the server's list of parts ends, and does not say where it goes on")
        }
        next = mark
    }
}
