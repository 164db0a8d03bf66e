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
        // by bytes: a slash and an accent behind it are one character
        let slash = UInt8(ascii: "/")
        let place = Array(target.location.utf8.dropFirst("s3://".utf8.count))
        bucket = String(decoding: place.prefix { $0 != slash }, as: UTF8.self)
        var key = place.dropFirst(bucket.utf8.count)
        if let mark = key.firstRange(of: S3Location.mark.utf8) {
            upload = String(decoding: key[mark.upperBound...], as: UTF8.self)
            key = key[..<mark.lowerBound]
        }
        self.key = String(decoding: key.trimming { $0 == slash }, as: UTF8.self)
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
        let parts = key.utf8.split(separator: UInt8(ascii: "/"))
        guard !parts.contains(where: { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) else {
            throw StorageError(.unsupported, "\(target) has a part . or .., which S3 does not resolve")
        }
    }
}

/// S3 takes two spellings of one letter for two keys.
extension S3Location {
    package static func == (a: S3Location, b: S3Location) -> Bool { a.exact == b.exact }
    package func hash(into hasher: inout Hasher) { hasher.combine(exact) }
    private var exact: [ExactText] { [bucket, key, upload ?? ""].map(ExactText.init) }
}
