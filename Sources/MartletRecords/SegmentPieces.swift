import Glibc
import MartletModel
import MartletSystem

/// Reads the whole lines of a file from some place on, in pieces, so that a large file needs no large memory.
enum SegmentPieces {
    private static let usual = 1 << 22

    /// - Parameter body: gets each line without its line feed, and where it begins.
    /// - Returns: where the first line begins that has no line feed yet, and what there is of it.
    static func lines<E: Error>(
        of file: Descriptor, from offset: UInt64,
        _ body: (UnsafeBufferPointer<UInt8>, UInt64) throws(E) -> Void, refused: (SystemError) -> E
    ) throws(E) -> (end: UInt64, rest: [UInt8]) {
        var offset = offset
        var wanted = usual
        while true {
            let piece: [UInt8]
            do throws(SystemError) { piece = try File.readOnce(file, offset: offset, count: wanted) } catch { throw refused(error) }
            let taken = try piece.withUnsafeBufferPointer { (bytes) throws(E) -> Int in
                var start = 0
                while start < bytes.count, let base = bytes.baseAddress,
                    let found = memchr(base + start, 0x0A, bytes.count - start)
                {
                    let end = UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
                    try body(UnsafeBufferPointer(rebasing: bytes[start..<end]), offset + UInt64(start))
                    start = end + 1
                }
                return start
            }
            offset += UInt64(taken)
            if taken > 0 {
                wanted = usual
            } else if piece.count == wanted {
                wanted *= 2
            } else {
                return (offset, piece)
            }
        }
    }
}
