import MartletPorts

/// Keeps a part of a content, whether the server sends that part alone or all of it.
private final class RangeReader: BodyConsumer, @unchecked Sendable {
    // Unchecked: belongs to one request, and is used by the thread that carries it out.
    private let offset: UInt64
    private let count: Int
    private var toSkip: UInt64 = 0
    private(set) var bytes: [UInt8] = []

    init(offset: UInt64, count: Int) {
        self.offset = offset
        self.count = count
    }

    func begin(_ status: Int) { (toSkip, bytes) = (status == 206 ? 0 : offset, []) }

    func take(_ piece: UnsafeRawBufferPointer) -> String? {
        let skipped = Int(min(UInt64(piece.count), toSkip))
        toSkip -= UInt64(skipped)
        bytes.append(contentsOf: piece.dropFirst(skipped).prefix(count - bytes.count))
        return nil
    }
}

extension DAVServer {
    /// Bytes `offset..<offset + count`, fewer at the end of the file.
    func read(_ target: DAVTarget, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        guard count > 0 else { return stat([target.url])[0].map { _ in [] } }
        let (last, isBeyond) = offset.addingReportingOverflow(UInt64(count) - 1)
        if isBeyond { return .success([]) }
        let reader = RangeReader(offset: offset, count: count)
        var request = HTTPRequest("GET", target.url, headers: ["Range": "bytes=\(offset)-\(last)"])
        request.sink = .consumer(reader)
        request.expected = .successOr([416])
        return perform([request])[0].then { response in
            if response.status == 416 { return .success([]) }
            if response.status == 206, response.headers["content-range"]?.hasPrefix("bytes \(offset)-") != true {
                return .failure(StorageError(.corrupt, "\(target.ref): another part came than was asked for"))
            }
            return .success(reader.bytes)
        }
    }
}
