import MartletModel
import MartletPorts

/// An upload in parts: nothing of it is to be seen until it is completed, in one step, or aborted.
///
/// Source: "Uploading and copying objects using multipart upload", Amazon S3 user guide. What a killed process has begun
/// stays, unseen, until a rule of the bucket (`AbortIncompleteMultipartUpload`) or its owner removes it.
struct S3Upload {
    var place: S3Location
    var id: String

    /// - Parameter partSize: noted with the object, so that its tag can be compared with a file.
    static func begin(_ place: S3Location, partSize: UInt64) -> S3Call {
        S3Call("POST", place, query: [("uploads", "")], headers: [S3Object.partSizeHeader: String(partSize)])
    }

    init(_ place: S3Location, begun response: HTTPResponse) throws(StorageError) {
        guard let id = try XMLElements(response.body)["InitiateMultipartUploadResult/UploadId"], !id.isEmpty else {
            throw StorageError(.transient, "the store began an upload, and does not say which")
        }
        self.place = place
        self.id = id
    }

    init(_ place: S3Location, id: String) {
        self.place = place
        self.id = id
    }

    /// - Parameter number: from 1 on.
    func part(_ number: Int, _ body: HTTPRequest.Body) -> S3Call {
        S3Call("PUT", place, query: [("partNumber", String(number)), ("uploadId", id)], body: body)
    }

    /// The tag under which a part is named when the upload is completed.
    static func tag(_ response: HTTPResponse) throws(StorageError) -> String {
        guard let tag = response.headers["etag"]?.filter({ $0 != "\"" }), !tag.isEmpty else {
            throw StorageError(.transient, "the store took a part, and does not say under which tag")
        }
        return tag
    }

    func complete(_ tags: [String]) -> S3Call {
        let parts = tags.enumerated().map { number, tag in
            "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\"\(S3Upload.escaped(tag))\"</ETag></Part>"
        }
        let body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\(parts.joined())"
            + "</CompleteMultipartUpload>"
        return S3Call(
            "POST", place, query: [("uploadId", id)], headers: ["content-type": "application/xml"],
            body: .bytes(Array(body.utf8)))
    }

    /// The tag that the object will have; nil where the store makes tags in another way.
    static func wholeTag(_ tags: [String]) -> String? {
        var sums: [UInt8] = []
        for tag in tags {
            let digits = tag.utf8.compactMap(Hex.value)
            guard tag.utf8.count == 32, digits.count == 32 else { return nil }
            sums += stride(from: 0, to: 32, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }
        return "\"\(Hex.text(MD5.digest(sums)))-\(tags.count)\""
    }

    /// Whether it still waits: S3 says of one that was completed again that it has been completed.
    func ask() -> S3Call { S3Call("GET", place, query: [("max-parts", "1"), ("uploadId", id)]) }

    /// A page of its parts: ListParts.
    /// - Parameter mark: the last number of the page before.
    func parts(after mark: String?) -> S3Call {
        S3Call("GET", place, query: [("max-parts", "1000"), ("uploadId", id)] + (mark.map { [("part-number-marker", $0)] } ?? []))
    }

    func abort() -> S3Call { S3Call("DELETE", place, query: [("uploadId", id)]) }

    static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
    }
}

/// An upload of one part, as the name of a temporary file tells it: `ID,TAG`.
extension S3Upload {
    static func name(_ id: String, _ tag: String) -> String { "\(id),\(tag)" }

    /// What `delete` aborts it by; what it consists of nobody knows, so that it cannot be completed.
    var temporary: TargetRef {
        S3Location(bucket: place.bucket, key: place.key, upload: S3Upload.name(id, "")).target
    }

    /// nil for the name of anything else.
    static func waiting(_ place: S3Location) -> (upload: S3Upload, tag: String)? {
        guard let name = place.upload, let comma = name.lastIndex(of: ",") else { return nil }
        let plain = S3Location(bucket: place.bucket, key: place.key)
        return (S3Upload(plain, id: String(name[..<comma])), String(name[name.index(after: comma)...]))
    }
}
