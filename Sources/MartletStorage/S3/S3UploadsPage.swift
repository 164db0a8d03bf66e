import MartletModel
import MartletPorts

/// An answer to ListMultipartUploads: uploads in the order of their keys, and where the next page begins.
struct S3UploadsPage {
    struct Entry: Equatable {
        var key: String
        var id: String
        /// Nanoseconds since 1970-01-01 UTC; 0 where the store does not say.
        var begun: Int64 = 0
    }
    /// The last upload of a page.
    struct Mark: Equatable {
        var key: String
        var id: String
    }
    private(set) var entries: [Entry] = []
    /// nil for the last page.
    private(set) var next: Mark?

    init(_ body: [UInt8]) throws(StorageError) {
        let elements = try XMLElements(body)
        guard elements.all.last?.path == "ListMultipartUploadsResult" else {
            throw StorageError(.transient, "the server's answer is no list of uploads")
        }
        let isEncoded = elements["ListMultipartUploadsResult/EncodingType"] == "url"
        var entry = Entry(key: "", id: "")
        for element in elements.all {
            switch element.path {
            case "ListMultipartUploadsResult/Upload/Key": entry.key = try S3Page.key(element.text, isEncoded)
            case "ListMultipartUploadsResult/Upload/UploadId": entry.id = element.text
            case "ListMultipartUploadsResult/Upload/Initiated":
                entry.begun = (HTTPDate.seconds(element.text) ?? 0) * 1_000_000_000
            case "ListMultipartUploadsResult/Upload":
                if !entry.key.isEmpty, !entry.id.isEmpty { entries.append(entry) }
                entry = Entry(key: "", id: "")
            default: break
            }
        }
        guard elements["ListMultipartUploadsResult/IsTruncated"] == "true" else { return }
        guard let key = elements["ListMultipartUploadsResult/NextKeyMarker"], !key.isEmpty else {
            throw StorageError(.transient, "the server's list of uploads ends, and does not say where it goes on")
        }
        next = Mark(
            key: try S3Page.key(key, isEncoded), id: elements["ListMultipartUploadsResult/NextUploadIdMarker"] ?? "")
    }
}
