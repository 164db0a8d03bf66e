import Glibc
import MartletModel
import MartletSystem

/// What a segment holds, as far as it can be read.
public struct Segment: Sendable {
    public var path: String
    /// nil when the first line is damaged or missing.
    public var header: SegmentHeader?
    /// The undamaged records, in order.
    public var lines: [Line]
    /// One entry for every line that was passed over.
    public var damage: [Diagnostic]

    public struct Line: Equatable, Sendable {
        /// The record's number in its segment, from 1.
        public var number: UInt64
        public var json: JSON
    }
}

/// What one line of a segment is.
enum SegmentEntry {
    /// Nothing: a writer that could not take back half a line puts a line feed behind it.
    case blank
    case header(SegmentHeader)
    /// A header of a format that is newer than this version.
    case newer(Int64, known: Int64)
    case record(UInt64, JSON)
    /// It cannot be used.
    case damage(Diagnostic)
}

/// Reads segments of every format version up to `SegmentHeader.Kind.version`.
///
/// A line that is not whole or was changed is passed over and said so; it never takes another line with it, and a
/// reader never fails because of what a file contains.
public enum SegmentReader {
    static let fileExtension = ".jsonl"

    /// Paths of the segments in a directory, by name and so by time; empty when there is no such directory.
    public static func segments(in directory: String) throws(Diagnostic) -> [String] {
        do {
            return try Directory.list(directory).filter { !$0.isDirectory && $0.name.hasSuffix(fileExtension) }
                .map { "\(directory)/\($0.name)" }
        } catch {
            if error.code == ENOENT { return [] }
            throw Diagnostic(.recordUnreadable, subject: directory, cause: error.text)
        }
    }

    /// - Throws: `.recordUnreadable` when the file cannot be read, `.recordNewerFormat`.
    public static func read(_ path: String) throws(Diagnostic) -> Segment {
        let bytes: [UInt8]
        do {
            bytes = try File.read(path)
        } catch {
            throw Diagnostic(.recordUnreadable, subject: path, cause: error.text)
        }
        return try parse(bytes, path: path)
    }

    /// - Parameter path: for messages.
    /// - Throws: `.recordNewerFormat`.
    public static func parse(_ bytes: [UInt8], path: String) throws(Diagnostic) -> Segment {
        try bytes.withUnsafeBufferPointer { (buffer) throws(Diagnostic) -> Segment in
            var segment = Segment(path: path, header: nil, lines: [], damage: [])
            var start = 0
            var lineNumber = 0
            while start < buffer.count {
                let end = lineEnd(buffer, from: start)
                lineNumber += 1
                try take(UnsafeBufferPointer(rebasing: buffer[start..<end]), lineNumber, into: &segment)
                start = end + 1
            }
            return segment
        }
    }

    private static func take(
        _ line: UnsafeBufferPointer<UInt8>, _ lineNumber: Int, into segment: inout Segment
    ) throws(Diagnostic) {
        switch entry(line, lineNumber, segment.path) {
        case .blank: return
        case .newer(let version, let known): throw newer(version, segment.path, known: known)
        case .damage(let problem): segment.damage.append(problem)
        case .record(let number, let json): segment.lines.append(Segment.Line(number: number, json: json))
        case .header(let header) where segment.header == nil: segment.header = header
        case .header: segment.damage.append(malformed(segment.path, lineNumber))
        }
    }

    /// What a line is, without its line feed.
    /// - Parameters:
    ///   - lineNumber: in its file, from 1.
    ///   - path: of the file, for messages.
    static func entry(_ line: UnsafeBufferPointer<UInt8>, _ lineNumber: Int, _ path: String) -> SegmentEntry {
        if line.isEmpty && lineNumber > 1 { return .blank }
        guard SegmentLine.isIntact(line) else {
            return .damage(Diagnostic(.recordDamaged, subject: "\(path), line \(lineNumber)"))
        }
        let json: JSON
        do {
            json = try JSON.parse(line)
        } catch {
            return .damage(malformed(path, lineNumber, error.description))
        }
        if let number = json["n"]?.integer, number > 0 { return .record(UInt64(number), json) }
        let known = (json["martlet"]?.string.flatMap(SegmentHeader.Kind.init) ?? .reports).version
        if let version = json["version"]?.integer, version > known { return .newer(version, known: known) }
        if let header = SegmentHeader(json: json) { return .header(header) }
        return .damage(malformed(path, lineNumber))
    }

    static func malformed(_ path: String, _ lineNumber: Int, _ cause: String = "") -> Diagnostic {
        Diagnostic(.recordMalformed, subject: "\(path), line \(lineNumber)", cause: cause)
    }

    static func newer(_ version: Int64, _ path: String, known: Int64) -> Diagnostic {
        Diagnostic(.recordNewerFormat, subject: path, cause: "format \(version), this version knows \(known)")
    }

    private static func lineEnd(_ buffer: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard let base = buffer.baseAddress, let found = memchr(base + start, 0x0A, buffer.count - start) else {
            return buffer.count
        }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }
}
