import Glibc
import MartletModel

/// The framing of one line: `{` members `,"crc":"xxxxxxxx"}` and a line feed, where the eight digits are the CRC-32C of
/// every byte before `,"crc"`. The one owner of this rule, for both directions.
enum SegmentLine {
    private static let guardStart: [UInt8] = Array(",\"crc\":\"".utf8)
    private static let guardEnd: [UInt8] = Array("\"}".utf8)
    private static let guardLength = guardStart.count + 8 + guardEnd.count

    /// Appends a header line.
    static func append(header members: [UInt8], to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(UInt8(ascii: "{"))
        bytes.append(contentsOf: members)
        close(from: start, &bytes)
    }

    /// Appends a record's line; its number comes first.
    static func append(number: UInt64, members: [UInt8], to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: "{\"n\":".utf8)
        JSONWriter.appendDecimal(number, to: &bytes)
        if !members.isEmpty {
            bytes.append(UInt8(ascii: ","))
            bytes.append(contentsOf: members)
        }
        close(from: start, &bytes)
    }

    private static func close(from start: Int, _ bytes: inout [UInt8]) {
        let crc = bytes.withUnsafeBytes { CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        bytes.append(contentsOf: guardStart)
        Hex.append(crc, to: &bytes)
        bytes.append(contentsOf: guardEnd)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The digits of a line's checksum; empty when it is too short to have one.
    static func crc(of line: UnsafeBufferPointer<UInt8>) -> String {
        guard line.count > guardLength else { return "" }
        return String(decoding: line[(line.count - guardEnd.count - 8)..<(line.count - guardEnd.count)], as: UTF8.self)
    }

    /// Whether a line, without its line feed, is whole and unchanged.
    static func isIntact(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        let body = line.count - guardLength
        guard body > 0 else { return false }
        let crc = CRC32C.checksum(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: line[..<body])))
        var expected = guardStart
        Hex.append(crc, to: &expected)
        expected.append(contentsOf: guardEnd)
        return line[body...].elementsEqual(expected)
    }
}
