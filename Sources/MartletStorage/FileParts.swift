/// How a file is cut up to be sent or fetched.
struct FileParts {
    var size: UInt64
    /// Bytes in each part but the last.
    var partSize: UInt64

    var isWhole: Bool { size <= partSize }

    /// None for an empty file.
    func ranges(of path: String) -> [FileRange] {
        stride(from: 0, to: size, by: Int(partSize)).map {
            FileRange(path: path, offset: $0, count: min(partSize, size - $0))
        }
    }
}
