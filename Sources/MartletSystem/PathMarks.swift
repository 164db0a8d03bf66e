import Glibc

/// Gives each local path a number that does not depend on how it is spelled: `out//a`, `./out/a`, the absolute path and
/// one through a symbolic link to a directory have the same. Two paths have one number by chance once in 2^64.
///
/// Directories that do not exist yet are taken by their names. A link as the last part of a path is not followed.
public struct PathMarks {
    /// Of so many directories a link is noticed; beyond, a run has more directories than it is worth to look at.
    public static let mostDirectories = 10_000

    private static let root: UInt64 = 0xcbf2_9ce4_8422_2325
    /// Marks of directories as they are spelled, to marks of what they are.
    private var known: [UInt64: UInt64] = [:]
    /// The directory that relative paths begin in.
    private let here: UInt64

    /// Relative paths count from the directory the process is in now.
    public init() {
        var here = PathMarks.root
        do throws(SystemError) {
            let path = try Directory.current()
            here = PathMarks.mark(of: path)
        } catch {
            here = ~PathMarks.root  // a directory that was removed: relative paths are equal to relative ones alone
        }
        self.here = here
    }

    public mutating func mark(of path: UnsafeRawBufferPointer) -> UInt64 {
        var directory = start(of: path), whole = directory, last = 0..<0
        PathMarks.eachPart(of: path) { part in
            directory = whole
            last = part
            whole = PathMarks.adding(path, part, to: whole)
        }
        guard !last.isEmpty else { return PathMarks.mixed(whole) }
        // what a URL names lies in no directory of ours
        if PathMarks.isURL(path) { return PathMarks.mixed(whole) }
        let real = known[directory] ?? resolve(path, upTo: last.lowerBound)
        return PathMarks.mixed(real == directory ? whole : PathMarks.adding(path, last, to: real))
    }

    /// Whether it begins with a scheme and `://`.
    private static func isURL(_ path: UnsafeRawBufferPointer) -> Bool {
        guard let first = path.first, first != slash, let end = path.firstIndex(of: slash), end > 1 else { return false }
        return path[end - 1] == UInt8(ascii: ":") && end + 1 < path.count && path[end + 1] == slash
    }

    private func start(of path: UnsafeRawBufferPointer) -> UInt64 {
        path.first == UInt8(ascii: "/") ? PathMarks.root : here
    }

    /// The mark of the directory that the first `end` bytes name, links followed.
    private mutating func resolve(_ path: UnsafeRawBufferPointer, upTo end: Int) -> UInt64 {
        var spelled = start(of: path), real = spelled, exists = true
        let prefix = UnsafeRawBufferPointer(rebasing: path[..<end])
        var parts: [Range<Int>] = []
        PathMarks.eachPart(of: prefix) { parts.append($0) }
        for part in parts {
            spelled = PathMarks.adding(prefix, part, to: spelled)
            if let before = known[spelled] {
                real = before
                continue
            }
            real = PathMarks.adding(prefix, part, to: real)
            guard known.count < PathMarks.mostDirectories else { continue }
            if exists {
                let name = String(decoding: prefix[..<part.upperBound], as: UTF8.self)
                let leadsUp = prefix[part].elementsEqual([PathMarks.dot, PathMarks.dot])
                switch PathMarks.kind(of: name) {
                case .absent: exists = false
                case .link: real = PathMarks.target(of: name) ?? real
                case .other: if leadsUp { real = PathMarks.target(of: name) ?? real }
                }
            }
            known[spelled] = real
        }
        return real
    }

    // MARK: one path

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    private static func mark(of path: String) -> UInt64 {
        var path = path
        return path.withUTF8 { text in
            let bytes = UnsafeRawBufferPointer(text)
            var mark = root
            eachPart(of: bytes) { mark = adding(bytes, $0, to: mark) }
            return mark
        }
    }

    /// The parts between slashes, without empty ones and `.`.
    @inline(__always)
    private static func eachPart(of path: UnsafeRawBufferPointer, _ body: (Range<Int>) -> Void) {
        var at = 0
        while at < path.count {
            let begin = at
            while at < path.count && path[at] != slash { at += 1 }
            if at > begin && !(at == begin + 1 && path[begin] == dot) { body(begin..<at) }
            at += 1
        }
    }

    /// FNV-1a over a slash and the part's bytes.
    @inline(__always)
    private static func adding(_ path: UnsafeRawBufferPointer, _ part: Range<Int>, to mark: UInt64) -> UInt64 {
        var mark = (mark ^ UInt64(slash)) &* 0x100_0000_01b3
        for i in part { mark = (mark ^ UInt64(path[i])) &* 0x100_0000_01b3 }
        return mark
    }

    /// Every bit of the result depends on every bit of the mark: its upper half alone is a number to tell paths apart.
    private static func mixed(_ mark: UInt64) -> UInt64 {
        var mark = (mark ^ (mark >> 32)) &* 0x9e37_79b9_7f4a_7c15
        mark = (mark ^ (mark >> 29)) &* 0xbf58_476d_1ce4_e5b9
        return mark ^ (mark >> 32)
    }

    private enum Kind { case absent, link, other }

    private static func kind(of path: String) -> Kind {
        var status = stat()
        guard lstat(path, &status) == 0 else { return .absent }
        return status.st_mode & S_IFMT == S_IFLNK ? .link : .other
    }

    private static func target(of path: String) -> UInt64? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return mark(of: String(cString: real))
    }
}
