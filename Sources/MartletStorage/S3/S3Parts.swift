/// How a file is cut up to be sent or fetched.
struct S3Parts {
    var size: UInt64
    var partSize: UInt64

    /// Files that are not larger go in one piece, where the settings do not say otherwise.
    static let usual: UInt64 = 32 << 20

    // "Amazon S3 multipart upload limits", Amazon S3 user guide; the last part may be smaller
    static let most: UInt64 = 10_000
    static let smallest: UInt64 = 5 << 20
    static let largest: UInt64 = 5 << 30

    init(size: UInt64, partSize: UInt64) {
        self.size = size
        self.partSize = partSize
    }

    /// - Parameter wanted: bytes in a part; more where there would be too many of them.
    init(size: UInt64, wanted: UInt64) {
        self.init(size: size, partSize: max(wanted, (size + S3Parts.most - 1) / S3Parts.most))
    }

    var isWhole: Bool { size <= partSize }

    func ranges(of path: String) -> [FileRange] {
        stride(from: 0, to: size, by: Int(partSize)).map {
            FileRange(path: path, offset: $0, count: min(partSize, size - $0))
        }
    }
}
