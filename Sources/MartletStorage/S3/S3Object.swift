import MartletModel
import MartletPorts

/// What HEAD says of an object.
struct S3Object {
    var status: FileStatus
    /// With its quotes, as it is compared.
    var tag: String?
    var checksum: Checksum?
    /// Bytes in each part but the last, where it was sent by us in several.
    var partSize: UInt64?

    /// Metadata that tells how the tag of an object in parts is made up.
    static let partSizeHeader = "x-amz-meta-martlet-part-size"

    init(_ response: HTTPResponse) throws(StorageError) {
        guard let size = response.headers["content-length"].flatMap({ UInt64($0) }) else {
            throw StorageError(.transient, "the store does not say how large an object is")
        }
        let modified = response.headers["last-modified"].flatMap(HTTPDate.seconds) ?? 0
        status = FileStatus(size: size, modified: modified * 1_000_000_000, isDirectory: false)
        tag = response.headers["etag"]
        partSize = response.headers[S3Object.partSizeHeader].flatMap { UInt64($0) }
        if partSize == 0 { partSize = nil }
        checksum = S3Object.checksum(response, tag?.filter { $0 != "\"" }.lowercased(), partSize)
    }

    /// The tag is the MD5 of the content, and of an object in parts that of the parts' MD5s, unless the store encrypts it
    /// under a key of somebody's own. rclone writes the MD5 of the whole beside it.
    private static func checksum(_ response: HTTPResponse, _ tag: String?, _ partSize: UInt64?) -> Checksum? {
        if let whole = response.headers["x-amz-meta-md5chksum"].flatMap({ Base64.bytes($0) }), whole.count == 16 {
            return Checksum(algorithm: "md5", digest: Hex.text(whole))
        }
        let isEncrypted = response.headers["x-amz-server-side-encryption"]?.hasPrefix("aws:kms") == true
            || response.headers["x-amz-server-side-encryption-customer-algorithm"] != nil
        guard let tag, !isEncrypted else { return nil }
        let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        guard parts[0].utf8.count == 32, parts[0].utf8.allSatisfy({ Hex.value(of: $0) != nil }) else { return nil }
        switch parts.count {
        case 1: return Checksum(algorithm: "md5", digest: tag)
        case 2: return Checksum(algorithm: partSize.map { "md5-of-parts-\($0)" } ?? "md5-of-parts", digest: tag)
        default: return nil
        }
    }

    /// Whether a local file has the content that the store speaks of; true where nothing can be compared.
    func isContent(of path: String) throws(StorageError) -> Bool {
        guard let checksum else { return true }
        if checksum.algorithm == "md5" {
            return Hex.text(try FileRange(path: path, offset: 0, count: status.size).md5()) == checksum.digest
        }
        guard let partSize else { return true }
        let ranges = FileParts(size: status.size, partSize: partSize).ranges(of: path)
        var sums: [UInt8] = []
        for range in ranges { sums += try range.md5() }
        return "\(Hex.text(MD5.digest(sums)))-\(ranges.count)" == checksum.digest
    }
}
