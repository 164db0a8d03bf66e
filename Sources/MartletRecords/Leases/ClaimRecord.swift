import MartletModel

/// One record of a claims file: what a run says of some tasks. Little-endian, eight bytes a word:
///
///     kind u8, "mlc", count u32, then count digests of eight bytes
enum ClaimRecord {
    enum Kind: UInt8 {
        /// Claimed, and started at once.
        case claimed = 0x2B  // +
        /// Claimed; their turn comes.
        case ahead = 0x61  // a
        /// Given back after they were run well.
        case done = 0x3D  // =
        /// Given back.
        case returned = 0x2D  // -
        /// The run has ended; its one digest means nothing.
        case ended = 0x65  // e
        /// When what is claimed behind it was claimed: its one word counts nanoseconds since 1970-01-01 UTC, by the clock
        /// of the one who wrote. For readers alone; nothing is decided by it.
        case moment = 0x74  // t
    }

    private static let mark: UInt32 = 0x63_6C_6D_00
    static let headLength = 8
    /// A record is never longer: more is damage.
    private static let most = 1 << 20

    static func append(_ kind: Kind, _ tasks: ArraySlice<TaskDigest>, to bytes: inout [UInt8]) {
        if tasks.isEmpty { return }
        withUnsafeBytes(of: (mark | UInt32(kind.rawValue)).littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(tasks.count).littleEndian) { bytes.append(contentsOf: $0) }
        for task in tasks { withUnsafeBytes(of: task.raw.littleEndian) { bytes.append(contentsOf: $0) } }
    }

    /// Tasks that are claimed at a moment, in nanoseconds since 1970-01-01 UTC: started at once, or when their turn comes.
    static func appendClaims(
        _ startingNow: ArraySlice<TaskDigest>, ahead: ArraySlice<TaskDigest>, at moment: Int64, to bytes: inout [UInt8]
    ) {
        if startingNow.isEmpty && ahead.isEmpty { return }
        append(.moment, [TaskDigest(raw: UInt64(bitPattern: moment))], to: &bytes)
        append(.claimed, startingNow, to: &bytes)
        append(.ahead, ahead, to: &bytes)
    }

    struct Damage: Error {}

    /// Reads every whole record from the front.
    /// - Returns: how many bytes they take; what is behind them is not whole yet.
    static func readAll(
        _ bytes: UnsafeRawBufferPointer, _ body: (Kind, TaskDigest) -> Void
    ) throws(Damage) -> Int {
        var at = 0
        while bytes.count - at >= headLength {
            let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            let count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)))
            guard word & ~0xFF == mark, let kind = Kind(rawValue: UInt8(truncatingIfNeeded: word)), count <= most else {
                throw Damage()
            }
            let end = at + headLength + 8 * count
            if end > bytes.count { break }
            for offset in stride(from: at + headLength, to: end, by: 8) {
                let raw = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                body(kind, TaskDigest(raw: raw))
            }
            at = end
        }
        return at
    }
}
