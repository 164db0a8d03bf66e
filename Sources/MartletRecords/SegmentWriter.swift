import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// Appends records to a segment of its own: one file a writing process, so that none needs a lock, on any file system.
///
/// The file is made at the first record. What is in it is whole lines, but for what a full disk or a crash leaves at
/// its end, and readers pass over that. Not safe for use by two threads at once.
public final class SegmentWriter: RecordStore {
    public private(set) var header: SegmentHeader
    public var segment: String { header.segment }
    /// The file's path, whether or not it exists yet.
    public var path: String { "\(directory)/\(header.segment).jsonl" }
    private let directory: String
    private var file: Descriptor?
    /// What the file's records are to be later than, where that was said: then nobody looks at what others have recorded.
    private var told: Int64?
    /// Bytes of whole lines in the file.
    private var length: Int64 = 0
    /// The number of the last record.
    private var last: UInt64 = 0
    /// A line could neither be finished nor taken back: a line feed must come before the next one.
    private var needsLineFeed = false
    private var isDirty = false
    private var buffer: [UInt8] = []

    /// One write(2); tests put a disk that fills up in its place.
    package typealias Write = (Descriptor, UnsafeRawBufferPointer) throws(SystemError) -> Int
    private let writeOnce: Write
    /// fdatasync(2); tests count what is forced to disk, and refuse it.
    package lazy var force: (Descriptor) throws(SystemError) -> Void = { [unowned self] (file) throws(SystemError) in
        try File.synchronize(file, at: self.header.kind == .ledger ? .ledgerSync : .reportsSync)
    }
    private var begun = SystemClock().monotonic()
    /// Whether others are shown by a lock that the segment is at work on; tests play a file system that has none.
    package var locks = true
    /// Nanoseconds since the process began to run tasks; tests say how many.
    package lazy var elapsed: () -> Int64 = { [unowned self] in Int64(clamping: SystemClock().monotonic() &- self.begun) }

    /// Touches nothing yet.
    public convenience init(directory: String, header: SegmentHeader) {
        let point = header.kind == .ledger ? FailPoint.ledgerAppend : .reportsAppend
        self.init(directory: directory, header: header) { (file, bytes) throws(SystemError) in
            try File.writeOnce(file, bytes, at: point)
        }
    }

    package init(directory: String, header: SegmentHeader, write: @escaping Write) {
        writeOnce = write
        self.directory = directory
        self.header = header
        told = header.after
    }

    /// One write(2) for them all.
    ///
    /// A file may lose its name while this process writes it: somebody has taken it for dead and moved its records elsewhere
    /// (`Compaction`). Then nobody will read what has just been written there, and it goes into another segment.
    public func append(lines: [[UInt8]]) throws(Diagnostic) -> UInt64 {
        for _ in 0..<SegmentWriter.mostSegments {
            let file = try openFile(), before = length
            let number = try write(lines, to: file)
            if File.hasName(file, path) { return number }
            // so that who finds the file longer than it was, and gives its name back, has no second copy
            do throws(SystemError) { try File.truncate(file, to: before) } catch {}
            beginAnother()
        }
        throw Diagnostic(.recordUnwritable, subject: path, cause: "files that were just made lose their names")
    }

    private static let mostSegments = 8

    private func write(_ lines: [[UInt8]], to file: Descriptor) throws(Diagnostic) -> UInt64 {
        buffer.removeAll(keepingCapacity: true)
        if needsLineFeed { buffer.append(UInt8(ascii: "\n")) }
        var number = last
        for members in lines {
            // JSON escapes line feeds; one in the bytes would tear the line apart for every reader
            if memchr(members, 0x0A, members.count) != nil {
                throw Diagnostic(.recordUnwritable, subject: path, cause: "a record must not contain a line feed")
            }
            number += 1
            SegmentLine.append(number: number, members: members, to: &buffer)
        }
        try write(to: file)
        last = number
        return number
    }

    public func settle() throws(Diagnostic) {
        guard isDirty, let file else { return }
        do {
            try force(file)
            isDirty = false
        } catch {
            throw Diagnostic(.recordUnwritable, subject: path, cause: error.text)
        }
    }

    public func moment(at time: Int64) -> Int64? {
        if file == nil { return nil }
        var moment = Moment(header)
        return moment.next(time)
    }

    /// The file with its header.
    private func openFile() throws(Diagnostic) -> Descriptor {
        if let file, length > 0 { return file }
        let file = if let file { file } else { try makeFile() }
        self.file = file
        buffer.removeAll(keepingCapacity: true)
        SegmentLine.append(header: header.members, to: &buffer)
        try write(to: file)
        return file
    }

    /// Further records go into another segment.
    private func beginAnother() {
        header = header.ofAnotherSegment()
        begun = SystemClock().monotonic()
        told = nil
        (file, length, last, needsLineFeed) = (nil, 0, 0, false)
    }

    private func makeFile() throws(Diagnostic) -> Descriptor {
        do throws(SystemError) {
            _ = try FailPoint.recordsCreate.allows("open", path)
            try Directory.make(directory)
            // the first record may come hours after the begin, and others have recorded meanwhile: no clock is slow for that
            let now = header.started.addingReportingOverflow(max(0, elapsed())).partialValue
            if header.kind == .reports { header.after = (told ?? AreaMoment.latest(in: directory)).flatMap { $0 >= now ? $0 : nil } }
            let opened = try File.openAppending(path, exclusive: true)
            if locks { SegmentLock.take(opened, in: directory) }
            // so that the file is found after a power cut, not only its content kept
            try File.synchronizeDirectory(directory)
            return opened
        } catch {
            throw Diagnostic(.recordUnwritable, subject: path, cause: error.text)
        }
    }

    /// Writes `buffer` with one write(2), or leaves the file as it was.
    private func write(to file: Descriptor) throws(Diagnostic) {
        var written = 0
        do throws(SystemError) {
            // nearly always one turn; a short write is how a full disk begins, and the next call says why
            while written < buffer.count {
                let from = written
                let more = try buffer.withUnsafeBufferPointer { (bytes) throws(SystemError) -> Int in
                    try writeOnce(file, UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[from...])))
                }
                if more == 0 { throw SystemError(ENOSPC, "write", path) }
                written += more
            }
        } catch {
            takeBack(file, written: written)
            throw Diagnostic(.recordUnwritable, subject: path, cause: error.text)
        }
        length += Int64(buffer.count)
        needsLineFeed = false
        isDirty = true
    }

    private func takeBack(_ file: Descriptor, written: Int) {
        if written == 0 { return }
        isDirty = true
        do {
            try File.truncate(file, to: length)
        } catch {
            length += Int64(written)
            needsLineFeed = true
        }
    }
}
