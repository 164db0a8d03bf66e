import Glibc
import MartletPorts
import MartletSystem

/// The bytes of a request's body, for libcurl to take, from the start as often as it has to.
final class BodySource {
    private enum Content {
        case bytes([UInt8])
        case file(Descriptor, path: String, offset: UInt64)
    }
    private let content: Content
    let count: UInt64
    /// Bytes taken since the last `rewind`.
    private(set) var taken: UInt64 = 0
    /// Why the body could not be given.
    private(set) var failure: StorageError?

    /// nil for a request without a body.
    init?(_ body: HTTPRequest.Body) throws(StorageError) {
        guard let count = body.count else { return nil }
        self.count = count
        switch body {
        case .none: return nil
        case .bytes(let bytes): content = .bytes(bytes)
        case .file(let path, let offset, _):
            do throws(SystemError) {
                content = .file(try File.openReading(path), path: path, offset: offset)
            } catch {
                throw StorageError(error)
            }
        }
    }

    /// Goes to a place in the body.
    func seek(_ place: UInt64) -> Bool {
        guard place <= count else { return false }
        taken = place
        return true
    }

    /// - Returns: how many bytes were laid into the buffer, 0 at the end; nil after a failure.
    func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let wanted = Int(min(UInt64(buffer.count), count - taken))
        if wanted == 0 { return 0 }
        switch content {
        case .bytes(let bytes):
            bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[Int(taken)...].prefix(wanted))) }
            taken += UInt64(wanted)
            return wanted
        case .file(let file, let path, let offset):
            var got = pread(file.raw, buffer.baseAddress, wanted, off_t(offset + taken))
            while got < 0 && errno == EINTR { got = pread(file.raw, buffer.baseAddress, wanted, off_t(offset + taken)) }
            if got > 0 {
                taken += UInt64(got)
                return got
            }
            failure = got < 0
                ? StorageError(SystemError(errno, "read", path))
                : StorageError(.corrupt, "\(path) became shorter while it was sent")
            return nil
        }
    }
}
