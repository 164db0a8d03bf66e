/// Cuts what a digest is fed into its blocks of 64 bytes (SHA-256, MD5), and pads the last.
struct DigestBlocks: Sendable {
    /// Bytes that do not fill a block yet.
    private var pending: [UInt8] = []
    private var length: UInt64 = 0

    /// Blocks that are whole now: one that began with earlier bytes, then so many in `bytes`, from an offset on.
    struct Whole {
        var first: [UInt8]?
        var from = 0
        var count = 0
    }

    mutating func take(_ bytes: UnsafeRawBufferPointer) -> Whole {
        length += UInt64(bytes.count)
        var whole = Whole()
        if !pending.isEmpty {
            whole.from = min(64 - pending.count, bytes.count)
            pending.append(contentsOf: bytes[..<whole.from])
            if pending.count < 64 { return whole }
            whole.first = pending
            pending.removeAll(keepingCapacity: true)
        }
        whole.count = (bytes.count - whole.from) / 64
        pending.append(contentsOf: bytes[(whole.from + 64 * whole.count)...])
        return whole
    }

    /// What follows the last byte: a bit, zeros, and how many bits there were.
    /// - Parameter order: turns a number into its bytes in the digest's order.
    func padding(_ order: (UInt64) -> UInt64) -> [UInt8] {
        var padding: [UInt8] = [0x80]
        padding.append(contentsOf: repeatElement(0, count: (119 - pending.count) % 64))
        withUnsafeBytes(of: order(length * 8)) { padding.append(contentsOf: $0) }
        return padding
    }
}
