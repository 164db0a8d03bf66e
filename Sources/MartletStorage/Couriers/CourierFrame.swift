import MartletModel

/// What a courier and its client say to each other: a JSON object, and bytes that belong to it.
///
/// On the socket, little-endian: length u32 of all that follows, length u32 of the object, the object in UTF-8, the
/// bytes. `martlet.storage.frames` reads and writes the same.
struct CourierFrame: Equatable {
    /// A frame that calls itself longer is none.
    static let longest = 1 << 30

    var header: JSON
    var bytes: [UInt8] = []

    struct Malformed: Error {
        let reason: String
    }

    /// - Throws: where it would be longer than a frame can be.
    func encoded(longest: Int = CourierFrame.longest) throws(Malformed) -> [UInt8] {
        var writer = JSONWriter()
        writer.value(header)
        let head = writer.bytes
        let length = 4 + head.count + bytes.count
        guard length <= longest else { throw Malformed(reason: "\(length) bytes are too many at once") }
        var frame: [UInt8] = []
        frame.reserveCapacity(4 + length)
        for number in [length, head.count] {
            for shift in [0, 8, 16, 24] { frame.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        frame += head
        frame += bytes
        return frame
    }
}

/// Puts frames together from what arrives.
struct CourierFrameReader {
    private var buffer: [UInt8] = []

    /// Appends what `receive` appends.
    mutating func take<R, E: Error>(_ receive: (inout [UInt8]) throws(E) -> R) throws(E) -> R { try receive(&buffer) }

    /// The next whole frame; nil where more has to arrive.
    mutating func next() throws(CourierFrame.Malformed) -> CourierFrame? {
        guard buffer.count >= 8 else { return nil }
        let length = number(at: 0), head = number(at: 4)
        guard length <= CourierFrame.longest, head + 4 <= length else {
            throw CourierFrame.Malformed(reason: "a frame of \(length) bytes with an object of \(head)")
        }
        guard buffer.count >= 4 + length else { return nil }
        defer { buffer.removeFirst(4 + length) }
        do throws(JSONError) {
            let header = try buffer.withUnsafeBufferPointer { (all) throws(JSONError) -> JSON in
                try JSON.parse(UnsafeBufferPointer(rebasing: all[8..<8 + head]))
            }
            return CourierFrame(header: header, bytes: Array(buffer[8 + head..<4 + length]))
        } catch {
            throw CourierFrame.Malformed(reason: "\(error)")
        }
    }

    private func number(at place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(buffer[place + $1]) << (8 * $1) }
    }
}
