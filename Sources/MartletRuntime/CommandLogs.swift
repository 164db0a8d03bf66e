import MartletModel
import MartletSystem

/// Where commands print: one append file a place, so that what one command prints stands in one piece.
struct CommandLogs {
    private var shared: [Int: (path: String, file: Descriptor)] = [:]

    /// The log of the command that runs in this place.
    mutating func open(place: Int, in directory: String) throws(SystemError) -> (path: String, file: Descriptor) {
        if let known = shared[place] { return known }
        try Directory.make(directory)
        let path = "\(directory)/command-\(place).log"
        let opened = (path: path, file: try File.openAppending(path))
        shared[place] = opened
        return opened
    }

    /// A log of the command's own, which may lie anywhere.
    static func openOwn(_ path: String) throws(SystemError) -> (path: String, file: Descriptor) {
        try Directory.make(Directory.parent(of: path))
        return (path, try File.openAppending(path))
    }

    /// The last lines of a span, for people; empty when nothing was printed.
    static func tail(_ span: Execution.LogSpan, lines: Int = 20) -> String {
        let most: Int64 = 8192
        let from = max(span.offset, span.offset + span.length - most)
        let count = Int(span.offset + span.length - from)
        guard count > 0 else { return "" }
        do {
            let bytes = try File.read(span.file, offset: UInt64(from), count: count)
            var rows = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            if rows.last == "" { rows.removeLast() }
            return rows.suffix(lines).joined(separator: "\n")
        } catch {
            return "\(span.file) cannot be read: \(error.text)"
        }
    }
}
