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
        if count <= 0 { return stat([target.url])[0].map { _ in [] } }
        if !lacks(DAVServer.rangesBeyondTheEnd, target.url) {
            let answer = readRange(target, offset, count)
            guard case .failure(let error) = answer, error.kind == .corrupt else { return part(answer, offset, of: target) }
        }
        return stat([target.url])[0].then { status in
            if status.size <= offset { return .success([]) }
            let most = Int(min(UInt64(count), status.size - offset))
            if most < count { note(lacking: DAVServer.rangesBeyondTheEnd, target.url) }
            return part(readRange(target, offset, most), offset, of: target)
        }
    }

    private typealias Answer = (response: HTTPResponse, bytes: [UInt8])

    private func readRange(_ target: DAVTarget, _ offset: UInt64, _ count: Int) -> Result<Answer, StorageError> {
        let reader = RangeReader(offset: offset, count: count)
        let last = offset.addingReportingOverflow(UInt64(count) - 1)
        var request = HTTPRequest(
            "GET", target.url, headers: ["Range": "bytes=\(offset)-\(last.overflow ? .max : last.partialValue)"])
        request.sink = .consumer(reader)
        request.expected = .successOr([416])
        return perform([request])[0].map { ($0, reader.bytes) }
    }

    private func part(
        _ answer: Result<Answer, StorageError>, _ offset: UInt64, of target: DAVTarget
    ) -> Result<[UInt8], StorageError> {
        answer.then { response, bytes in
            if response.status == 416 { return .success([]) }
            if response.status == 206, response.headers["content-range"]?.hasPrefix("bytes \(offset)-") != true {
                return .failure(StorageError(.corrupt, "\(target.ref): another part came than was asked for"))
            }
            return .success(bytes)
        }
    }
}
