import MartletModel

/// What a job has left behind so far: its result, a file of outcome frames among which others stand, told apart by their kind.
///
/// | kind | task | start | text | fragment |
/// |---|---|---|---|---|
/// | 101: the outcome before it is reported | place in the slice | number of its record | segment | – |
/// | 102: part of a segment of the job's | – | – | segment | its next bytes; empty where files are shared |
///
/// A job begins with a frame of kind 102, so that what it has reported is found whatever becomes of it.
package struct JobResult {
    /// By place in the slice; the last of each counts.
    package private(set) var outcomes: [Int: OutcomeFrame] = [:]
    /// Of those that the job has reported, where.
    package private(set) var places: [Int: ReportPlace] = [:]
    /// The segment that the job began last; empty where it wrote no reports.
    package private(set) var segment = ""
    /// Segments that came with the result, in order.
    package private(set) var carried: [(segment: String, bytes: [UInt8])] = []

    static let reportedKind: UInt8 = 101
    static let partKind: UInt8 = 102

    package init() {}

    /// - Throws: `OutcomeFrame.Malformed`. What was not written whole is left out.
    package init(_ bytes: [UInt8]) throws {
        var bytes = bytes[...]
        while bytes.count >= OutcomeFrame.lengthField + OutcomeFrame.fixed {
            let length = bytes.withUnsafeBytes { Int(UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self))) }
            guard length <= OutcomeFrame.longest else { throw OutcomeFrame.Malformed.textTooLong }
            guard bytes.count >= OutcomeFrame.lengthField + length else { return }
            var one = Array(bytes.prefix(OutcomeFrame.lengthField + length))
            let kind = one[OutcomeFrame.kindOffset]
            let isOutcome = kind != JobResult.reportedKind && kind != JobResult.partKind
            if !isOutcome { one[OutcomeFrame.kindOffset] = 0 }
            guard let frame = try one.withUnsafeBytes({ try OutcomeFrame.read($0) })?.frame else { return }
            take(frame, kind, isOutcome: isOutcome)
            bytes = bytes.dropFirst(one.count)
        }
    }

    private mutating func take(_ frame: OutcomeFrame, _ kind: UInt8, isOutcome: Bool) {
        let place = Int(frame.task.raw)
        if isOutcome {
            outcomes[place] = frame
            places[place] = nil
        } else if kind == JobResult.reportedKind {
            places[place] = ReportPlace(segment: frame.text, number: UInt64(clamping: frame.start))
        } else {
            segment = frame.text
            if frame.fragment.isEmpty { return }
            if carried.last?.segment == segment {
                carried[carried.count - 1].bytes += frame.fragment
            } else {
                carried.append((segment, frame.fragment))
            }
        }
    }

    /// The frame that says where the outcome before it is reported.
    static func reported(_ frame: OutcomeFrame, _ place: ReportPlace) -> [UInt8] {
        OutcomeFrame(
            task: frame.task, kind: .done, start: Int64(clamping: place.number), wall: 0, cpu: 0, peak: 0, text: place.segment,
            fragment: []
        ).encoded(kind: reportedKind)
    }

    /// The frame that brings a part of a segment, or names it.
    static func part(of segment: String, _ bytes: [UInt8]) -> [UInt8] {
        OutcomeFrame(task: TaskIndex(0), kind: .done, start: 0, wall: 0, cpu: 0, peak: 0, text: segment, fragment: bytes)
            .encoded(kind: partKind)
    }
}
