import Glibc
import Synchronization

/// What stat(2) says of a path.
public struct PathStatus: Equatable, Sendable {
    public var size: UInt64  // bytes
    public var modified: Int64  // nanoseconds since 1970-01-01 UTC
    public var isDirectory: Bool
    public init(size: UInt64, modified: Int64, isDirectory: Bool) {
        self.size = size
        self.modified = modified
        self.isDirectory = isDirectory
    }
}

/// stat(2) of many paths at once, on short-lived threads that have ended when the call returns.
public enum StatMany {
    /// Up to this many paths the calling thread works alone: a thread costs as much as some dozen calls.
    public static let alone = 256
    /// Threads take this many paths at a time.
    private static let stride = 512

    /// For each path, in order, its status or errno.
    public static func status(of paths: [String]) -> [Result<PathStatus, SystemError>] {
        var answers = [Answer](repeating: Answer(), count: paths.count)
        withCStrings(paths) { pointers in
            answers.withUnsafeMutableBufferPointer { out in
                each(pointers.count, Slots(paths: pointers, out: out)) { slots, i, folder in
                    var status = stat()
                    slots.out[i].code = folder.stat(slots.paths, i, &status)
                    slots.out[i].status = PathStatus(
                        size: UInt64(clamping: status.st_size), modified: status.modified,
                        isDirectory: status.isDirectory)
                }
            }
        }
        return zip(paths, answers).map { path, answer in
            answer.code == 0 ? .success(answer.status) : .failure(SystemError(answer.code, "stat", path))
        }
    }

    /// The same for C strings; nil where nothing can be found out, whatever the reason.
    public static func found(at paths: UnsafeBufferPointer<UnsafePointer<CChar>>) -> [PathStatus?] {
        var answers = [PathStatus?](repeating: nil, count: paths.count)
        answers.withUnsafeMutableBufferPointer { out in
            each(paths.count, Slots(paths: paths, out: out)) { slots, i, folder in
                var status = stat()
                guard folder.stat(slots.paths, i, &status) == 0 else { return }
                slots.out[i] = PathStatus(
                    size: UInt64(clamping: status.st_size), modified: status.modified,
                    isDirectory: status.isDirectory)
            }
        }
        return answers
    }

    /// Of one path.
    public static func status(of path: String) throws(SystemError) -> PathStatus {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .last("stat", path) }
        return PathStatus(
            size: UInt64(clamping: status.st_size), modified: status.modified, isDirectory: status.isDirectory)
    }

    /// For each path, in order, 0 when something is there, else errno. Allocates nothing but the answer.
    public static func presence(of paths: UnsafeBufferPointer<UnsafePointer<CChar>>) -> [Int32] {
        [Int32](unsafeUninitializedCapacity: paths.count) { out, count in
            out.initialize(repeating: 0)
            each(paths.count, Slots(paths: paths, out: out)) { slots, i, folder in
                var status = stat()
                slots.out[i] = folder.stat(slots.paths, i, &status)
            }
            count = paths.count
        }
    }

    private struct Answer {
        var code: Int32 = 0
        var status = PathStatus(size: 0, modified: 0, isDirectory: false)
    }

    // Unchecked: every index is given to one thread, and the buffers outlive the threads.
    struct Slots<Element>: @unchecked Sendable {
        let paths: UnsafeBufferPointer<UnsafePointer<CChar>>
        let out: UnsafeMutableBufferPointer<Element>
    }

    private final class Cursor: Sendable {
        let next = Atomic<Int>(0)
    }

    /// Calls `body` once for each place.
    /// - Parameters:
    ///   - alone: up to this many the calling thread works alone.
    ///   - stride: threads take so many at a time.
    ///   - most: threads; as many as there are processors where nothing is said. What mostly computes has no use for more.
    static func each<S: Sendable>(
        _ count: Int, _ slots: S, alone: Int = alone, stride: Int = stride, most: Int? = nil,
        _ body: @escaping @Sendable (S, Int, inout OpenFolder) -> Void
    ) {
        if count <= alone {
            var folder = OpenFolder()
            defer { folder.close() }
            for i in 0..<count { body(slots, i, &folder) }
            return
        }
        let cursor = Cursor()
        let work: @Sendable () -> Void = {
            var folder = OpenFolder()
            defer { folder.close() }
            while true {
                let low = cursor.next.wrappingAdd(stride, ordering: .relaxed).oldValue
                if low >= count { return }
                for i in low..<min(low + stride, count) { body(slots, i, &folder) }
            }
        }
        // asked for only here: to find out how many there are takes longer than a look at a file
        let helpers = min(most ?? min(Host.processors(), 8), (count + stride - 1) / stride) - 1
        let threads = (0..<max(0, helpers)).compactMap { _ in Thread(work) }
        work()
        for thread in threads { thread.join() }
    }

    static func withCStrings(
        _ paths: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>>) -> Void
    ) {
        var flat: [CChar] = []
        var starts: [Int] = []
        starts.reserveCapacity(paths.count)
        for path in paths {
            starts.append(flat.count)
            path.utf8.withContiguousStorageIfAvailable { flat.append(contentsOf: $0.lazy.map(CChar.init(bitPattern:))) }
                ?? flat.append(contentsOf: path.utf8.lazy.map(CChar.init(bitPattern:)))
            flat.append(0)
        }
        flat.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
            starts.map { base + $0 }.withUnsafeBufferPointer(body)
        }
    }
}
