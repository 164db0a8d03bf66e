import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// A file that may be merged: its lines, and which of them are kept.
struct MergedSource {
    let file: SegmentSurvey.Found
    private(set) var lines: [Line] = []
    private(set) var dropped = 0
    private var isDamaged = false
    private var isNewer = false
    /// Whether some process has it open to append to it, as far as the file system can tell.
    private var isHeld = false
    /// Of the processes that wrote it.
    private var writers: [SegmentHeader] = []

    struct Line {
        var bytes: [UInt8]
        /// nil for a header.
        var number: UInt64?
        /// Of the segment that it belongs to; empty where its header is lost.
        var segment: String
        /// The digest of a fact.
        var fact: String?
        var isKept = true
        /// When it was written by its process's clock, as far as it tells; see `Moment`.
        var time: Int64?
    }

    init(_ file: SegmentSurvey.Found, in directory: String, _ kept: KeptRecords) throws(SystemError) {
        self.file = file
        let path = "\(directory)/\(file.name)"
        var segment = "", number = 0
        let opened = try File.openReading(path)
        isHeld = SegmentLock.isHeld(opened)
        _ = try SegmentPieces.lines(of: opened, from: 0) { (line, _) throws(SystemError) in
            number += 1
            switch SegmentReader.entry(line, number, path) {
            case .blank: return
            case .newer: isNewer = true
            case .damage: isDamaged = true
            case .header(let header):
                segment = header.segment
                writers.append(header)
                lines.append(Line(bytes: Array(line), segment: segment))
            case .record(let number, let json):
                let seconds = json["wall"]?.double ?? 0
                let start = (json["start"] ?? json["at"])?.integer
                var moment = Moment(shift: 0, latest: .min)
                lines.append(
                    Line(
                        bytes: Array(line), number: number, segment: segment,
                        fact: json["fact"] != nil ? json["digest"]?.string : nil,
                        isKept: kept.keeps(json, segment, number), time: start.map { moment.next($0, plus: seconds) }))
            }
        } refused: { $0 }
        keepWhatOrders()
        dropped = lines.count { !$0.isKept }
    }

    /// A record that says a later time than one behind it orders that one (`Moment`): it stays as well.
    private mutating func keepWhatOrders() {
        var earliest = Int64.max
        for place in lines.indices.reversed() {
            guard let time = lines[place].time else { continue }
            if time > earliest { lines[place].isKept = true }
            if lines[place].isKept { earliest = min(earliest, time) }
        }
    }

    /// nil when it can be merged. - Parameter now: by the clock of the file system.
    /// - Parameters:
    ///   - beating: runs of any machine that are alive.
    ///   - locksTell: whether the lock of a segment says that nobody has it open, on whichever machine.
    func reasonToLeave(
        now: Int64, _ rules: Compaction.Rules, _ beating: Set<LeaseHolder>, locksTell: Bool
    ) -> String? {
        if isNewer { return "a newer Martlet wrote it" }
        if isDamaged { return "lines within it are damaged" }
        if writers.isEmpty { return "it has no header" }
        // nobody appends to what was merged
        if file.name.hasPrefix(Compaction.prefix) { return nil }
        let age = Double(now) / 1e9 - Double(file.modified) / 1e9
        if age < rules.olderThan { return "it was written less than \(MergedSource.text(rules.olderThan)) ago" }
        if let writer = writers.first(where: MergedSource.isAlive) { return "process \(writer.pid) may still write it" }
        if let writer = writers.first(where: { beating.contains(LeaseHolder(host: $0.host, pid: $0.pid)) }) {
            return "process \(writer.pid) of \(writer.host) is alive"
        }
        if isHeld { return "a process has it open" }
        let silent = writers.first { $0.host != Host.name() }
        if let silent, !locksTell, age < MergedSource.silence {
            return "process \(silent.pid) of \(silent.host) may still write it, for all that can be told here"
        }
        return nil
    }

    /// Seconds without a word, after which a process of another machine that takes no part in leases, on a file system whose
    /// locks say nothing, is taken to have ended, whatever the rules say.
    static let silence = 86_400.0

    /// Whether its file, under some name, is as it was when it was read; opened, since NFS may tell of others what they were.
    func isUnchanged(_ path: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            let facts = try FileFacts.of(try File.openReading(path))
            return Int64(clamping: facts.size) == file.size && facts.modified == file.modified
        } catch {
            if error.code == ENOENT { return false }
            throw error
        }
    }

    private static func isAlive(_ writer: SegmentHeader) -> Bool {
        if writer.host != Host.name() { return false }
        do throws(SystemError) { return try Host.startTime(of: writer.pid) != nil } catch { return true }
    }

    private static func text(_ seconds: Double) -> String {
        seconds >= 86400 ? "\(Int(seconds / 86400)) days" : "\(Int(seconds)) s"
    }
}

/// Puts the lines of several files together: each segment below its header, every record once, every fact once.
struct MergedLines {
    private var seen: Set<KeptRecords.Origin> = []
    private var facts: Set<String> = []
    /// Records that were put out.
    private(set) var records = 0

    mutating func lines(of source: MergedSource) -> [UInt8] {
        var bytes: [UInt8] = []
        var header: [UInt8] = []
        for line in source.lines {
            guard let number = line.number else {
                header = line.bytes
                continue
            }
            guard line.isKept, seen.insert(KeptRecords.Origin(segment: line.segment, number: number)).inserted else { continue }
            if let fact = line.fact, !facts.insert(fact).inserted { continue }
            if !header.isEmpty {
                bytes += header + [UInt8(ascii: "\n")]
                header = []
            }
            bytes += line.bytes + [UInt8(ascii: "\n")]
            records += 1
        }
        return bytes
    }
}
