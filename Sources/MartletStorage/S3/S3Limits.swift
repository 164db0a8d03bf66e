/// Source: "Amazon S3 multipart upload limits", Amazon S3 user guide.
enum S3Limits {
    static let mostParts: UInt64 = 10_000
    /// Bytes; the last part may be smaller.
    static let smallestPart: UInt64 = 5 << 20
    static let largestPart: UInt64 = 5 << 30

    /// Bytes in a part, where the settings do not say otherwise. Files that are not larger go in one piece.
    static let usualPart: UInt64 = 32 << 20

    /// - Parameter wanted: bytes in a part; more where there would be too many of them.
    static func parts(of size: UInt64, wanted: UInt64) -> FileParts {
        FileParts(size: size, partSize: max(wanted, (size + mostParts - 1) / mostParts))
    }
}
