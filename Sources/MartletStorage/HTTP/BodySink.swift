import Glibc
import MartletPorts
import MartletSystem

/// Takes the body of one answer. What goes wrong here is no fault of the server's and is not tried again.
final class BodySink {
    private enum Place {
        /// Kept up to a limit; more is an error, or where it is only kept for its words, left out.
        case memory(limit: Int, isError: Bool)
        case file(Descriptor, path: String, offset: UInt64)
        case consumer(any BodyConsumer)
        case nowhere
    }
    private let place: Place
    /// What is kept in memory.
    private(set) var kept: [UInt8] = []
    /// Bytes of the content that are where they belong, those of earlier attempts included.
    private(set) var received: UInt64
    private(set) var failure: StorageError?

    /// For the body of an answer that is an error.
    static func words() -> BodySink { BodySink(.memory(limit: 1 << 16, isError: false), received: 0) }

    private init(_ place: Place, received: UInt64) {
        self.place = place
        self.received = received
    }

    /// - Parameter had: bytes that earlier attempts brought, after which this one goes on; only for files.
    convenience init(_ sink: HTTPRequest.Sink, status: Int, goingOnAfter had: UInt64) throws(StorageError) {
        switch sink {
        case .memory(let limit): self.init(.memory(limit: limit, isError: true), received: 0)
        case .discard: self.init(.nowhere, received: 0)
        case .consumer(let consumer):
            consumer.begin(status)
            self.init(.consumer(consumer), received: 0)
        case .file(let path, let offset):
            do throws(SystemError) {
                self.init(.file(try File.openWriting(path), path: path, offset: offset), received: had)
            } catch {
                throw StorageError(error)
            }
        }
    }

    /// False when the rest is not wanted: `failure` says why.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        switch place {
        case .nowhere: break
        case .memory(let limit, let isError):
            if isError && kept.count + bytes.count > limit {
                failure = StorageError(.unsupported, "the answer is larger than \(limit) bytes")
                return false
            }
            kept.append(contentsOf: bytes.prefix(max(0, limit - kept.count)))
        case .consumer(let consumer):
            if let reason = consumer.take(bytes) {
                failure = StorageError(.transient, reason)
                return false
            }
        case .file(let file, let path, let offset):
            do throws(SystemError) {
                try File.writeAll(file, bytes, at: offset + received)
            } catch {
                failure = StorageError(SystemError(error.code, "write", path))
                return false
            }
        }
        received += UInt64(bytes.count)
        return true
    }

    /// The body is complete. What an earlier attempt left behind its end is cut off.
    /// - Parameter reached: the most bytes that any attempt brought.
    func finish(reached: UInt64) {
        guard case .file(let file, let path, let offset) = place, reached > received else { return }
        do throws(SystemError) {
            try File.truncate(file, to: Int64(offset + received))
        } catch {
            failure = StorageError(SystemError(error.code, "truncate", path))
        }
    }
}
