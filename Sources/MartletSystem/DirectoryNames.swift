import Glibc

/// The names in a directory as one listing found them: exact, compact, quick to ask.
public struct DirectoryNames: Sendable {
    public enum Answer: Sendable {
        case there, absent
        /// The listing does not tell: a link, which may lead nowhere.
        case ask
    }

    /// The directory's modification time before it was listed, in nanoseconds since 1970-01-01 UTC.
    public let modified: Int64
    /// When the listing began, by this machine's wall clock in the same unit.
    public let listed: Int64
    public private(set) var count = 0
    /// For each name its length (two bytes), whether it must be asked for (one byte), its bytes.
    private var arena: [UInt8] = []
    /// Open addressing; place in the arena plus one, 0 for none. A power of two, at most half full.
    private var slots: [UInt32] = [UInt32](repeating: 0, count: 64)

    /// Lists a directory.
    /// - Returns: nil where it has more than `most` entries.
    public init?(_ path: String, most: Int) throws(SystemError) {
        guard let stream = opendir(path) else { throw .last("opendir", path) }
        defer { closedir(stream) }
        var status = stat()
        guard fstat(dirfd(stream), &status) == 0 else { throw .last("fstat", path) }
        modified = status.modified
        listed = SystemClock().wall()
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .last("readdir", path) }
                return
            }
            if count == most { return nil }
            let kind = Int(entry.pointee.d_type)
            withUnsafePointer(to: &entry.pointee.d_name) { name in
                let start = UnsafeRawPointer(name)
                insert(
                    UnsafeRawBufferPointer(start: start, count: strlen(start.assumingMemoryBound(to: CChar.self))),
                    mustAsk: kind == Int(DT_LNK) || kind == Int(DT_UNKNOWN))
            }
        }
    }

    /// Whether every change since the listing shows in the directory's modification time: it was old enough by then.
    /// File systems keep times in steps of up to two seconds.
    public var isSettled: Bool { listed - modified > 2_000_000_000 }

    public func look(_ name: UnsafeRawBufferPointer) -> Answer {
        var slot = DirectoryNames.hash(name) & (slots.count - 1)
        while slots[slot] != 0 {
            let at = Int(slots[slot]) - 1
            if isName(at, name) { return arena[at + 2] == 1 ? .ask : .there }
            slot = (slot + 1) & (slots.count - 1)
        }
        return .absent
    }

    private func isName(_ at: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        guard Int(arena[at]) | Int(arena[at + 1]) << 8 == name.count else { return false }
        return arena.withUnsafeBytes { memcmp($0.baseAddress! + at + 3, name.baseAddress!, name.count) == 0 }
    }

    private mutating func insert(_ name: UnsafeRawBufferPointer, mustAsk: Bool) {
        count += 1
        if 2 * count > slots.count { grow() }
        put(UInt32(arena.count) + 1, hash: DirectoryNames.hash(name))
        arena.append(UInt8(truncatingIfNeeded: name.count))
        arena.append(UInt8(truncatingIfNeeded: name.count >> 8))
        arena.append(mustAsk ? 1 : 0)
        arena.append(contentsOf: name)
    }

    private mutating func put(_ place: UInt32, hash: Int) {
        var slot = hash & (slots.count - 1)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = place
    }

    private mutating func grow() {
        let places = slots
        slots = [UInt32](repeating: 0, count: 2 * places.count)
        for place in places where place != 0 {
            let at = Int(place) - 1, length = Int(arena[at]) | Int(arena[at + 1]) << 8
            let hash = arena.withUnsafeBytes { DirectoryNames.hash(UnsafeRawBufferPointer(rebasing: $0[at + 3..<at + 3 + length])) }
            put(place, hash: hash)
        }
    }

    private static func hash(_ name: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: name)
        return hasher.finalize()
    }
}
