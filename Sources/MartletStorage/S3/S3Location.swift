import MartletModel
import MartletPorts

/// A place in S3: `s3://bucket/key`. As with the tools of AWS the key is written plain: a `%` or `?` is part of it.
package struct S3Location: Hashable, Sendable {
    package var bucket: String
    /// Without slashes around it; empty for the bucket itself.
    package var key: String
    /// The upload whose parts wait to become the object; nil for the object itself.
    package var upload: String?

    package init(bucket: String, key: String, upload: String? = nil) {
        self.bucket = bucket
        self.key = key
        self.upload = upload
    }

    package init(_ target: TargetRef) throws(StorageError) {
        guard target.scheme == "s3" else { throw StorageError(.unsupported, "\(target) is not in S3") }
        let place = target.location.dropFirst("s3://".count)
        let slash = place.firstIndex(of: "/") ?? place.endIndex
        bucket = String(place[..<slash])
        var key = place[slash...]
        if let mark = S3Location.uploadMark(in: key) {
            upload = String(key[mark.upperBound...])
            key = key[..<mark.lowerBound]
        }
        while key.first == "/" { key.removeFirst() }
        while key.last == "/" { key.removeLast() }
        self.key = String(key)
        try check(target)
    }

    package var target: TargetRef {
        TargetRef("s3://\(bucket)/\(key)" + (upload.map { S3Location.mark + $0 } ?? ""))
    }

    /// The prefix of everything in this directory.
    package var prefix: String { key.isEmpty ? "" : key + "/" }

    /// The directory that this lies in, and its name there.
    package var parent: S3Location { S3Location(bucket: bucket, key: split.directory) }
    package var name: String { split.name }

    private var split: (directory: String, name: String) {
        guard let slash = key.utf8.lastIndex(of: UInt8(ascii: "/")) else { return ("", key) }
        return (String(key[..<slash]), String(key[key.utf8.index(after: slash)...]))
    }

    /// No name of ours holds it, see `check`.
    private static let mark = "#martlet-upload="

    private static func uploadMark(in key: Substring) -> Range<Substring.Index>? {
        let mark = Array(mark.utf8)
        var at = key.utf8.startIndex
        while let end = key.utf8.index(at, offsetBy: mark.count, limitedBy: key.utf8.endIndex) {
            if key.utf8[at..<end].elementsEqual(mark) { return at..<end }
            at = key.utf8.index(after: at)
        }
        return nil
    }

    // "Bucket naming rules" and "Naming Amazon S3 objects", Amazon S3 user guide; older buckets may have upper-case
    // letters and underscores. A bucket's name becomes part of a host's name.
    private func check(_ target: TargetRef) throws(StorageError) {
        let isBucket = (1...255).contains(bucket.utf8.count) && bucket.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                return true
            default: return false
            }
        }
        guard isBucket, bucket != ".", bucket != ".." else {
            throw StorageError(.unsupported, "\(target) names no bucket: s3://BUCKET/KEY is expected")
        }
        guard key.utf8.count <= 1024 else { throw StorageError(.unsupported, "the key is longer than 1024 bytes") }
        guard !key.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw StorageError(.unsupported, "the key holds a control character")
        }
        guard !key.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
            throw StorageError(.unsupported, "\(target) has a part . or .., which S3 does not resolve")
        }
    }
}
