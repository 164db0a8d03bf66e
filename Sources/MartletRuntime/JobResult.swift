import MartletModel

/// What a job has left behind so far: its result, a file of outcome frames among which others stand, told apart by their kind.
///
/// | kind | task | start | text | fragment |
/// |---|---|---|---|---|
/// | 101: the outcome before it is reported | place in the slice | number of its record | segment | – |
/// | 102: part of a segment of the job's | – | number of its last record before the slice | segment | its next bytes; empty where files are shared |
/// | 103: a task has begun | place in the slice | – | – | – |
///
/// A job begins with a frame of kind 102, so that what it has reported is found whatever becomes of it. In the place of the peak
/// frames of kind 101 have the moment (docs/reports.md) that nothing has passed which was reported by then.
package struct JobResult {
    /// By place in the slice; the last of each counts.
    package private(set) var outcomes: [Int: OutcomeFrame] = [:]
    /// Places of tasks that have begun, as far as the job was not begun anew since.
    package private(set) var begun: Set<Int> = []
    /// Places of tasks whose processes were lost, where no other task has ended in another way since.
    package private(set) var lostAtEnd: Set<Int> = []
    /// Of those that the job has reported, where.
    package private(set) var places: [Int: ReportPlace] = [:]
    /// The segments to which the job has reported, in order, and the last records in them that are not this slice's; more than
    /// one where the job was begun anew.
    package private(set) var segments: [ReportPlace] = []
    /// That of the last; empty where it wrote no reports.
    package var segment: String { segments.last?.segment ?? "" }
    /// The latest moment of what it has reported, as far as the result tells.
    package private(set) var latest: Int64?
    /// Segments that came with the result, in order.
    package private(set) var carried: [(segment: String, bytes: [UInt8])] = []

    static let reportedKind: UInt8 = 101
    static let partKind: UInt8 = 102
    static let begunKind: UInt8 = 103

    package init() {}

    /// Takes what stands before the first frame that was not written whole, or is none: a node that loses its power may
    /// leave zeros in place of the last bytes.
    package init(_ bytes: [UInt8]) {
        var bytes = bytes[...]
        while let (frame, kind, taken) = JobResult.first(of: bytes) {
            take(frame, kind)
            bytes = bytes.dropFirst(taken)
        }
    }

    private static func first(of bytes: ArraySlice<UInt8>) -> (frame: OutcomeFrame, kind: UInt8, taken: Int)? {
        guard bytes.count >= OutcomeFrame.lengthField + OutcomeFrame.fixed else { return nil }
        let length = bytes.withUnsafeBytes { Int(UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self))) }
        let taken = OutcomeFrame.lengthField + length
        guard length >= OutcomeFrame.fixed, taken <= bytes.count else { return nil }
        var one = Array(bytes.prefix(taken))
        let kind = one[OutcomeFrame.kindOffset]
        if isOwn(kind) { one[OutcomeFrame.kindOffset] = 0 }
        do throws(OutcomeFrame.Malformed) {
            return try read(one).map { ($0, kind, taken) }
        } catch {
            return nil
        }
    }

    private static func read(_ bytes: [UInt8]) throws(OutcomeFrame.Malformed) -> OutcomeFrame? {
        try bytes.withUnsafeBufferPointer { (buffer) throws(OutcomeFrame.Malformed) in
            try OutcomeFrame.read(UnsafeRawBufferPointer(buffer))?.frame
        }
    }

    /// Whether it is no outcome's.
    private static func isOwn(_ kind: UInt8) -> Bool { kind >= reportedKind && kind <= begunKind }

    private mutating func take(_ frame: OutcomeFrame, _ kind: UInt8) {
        let place = Int(frame.task.raw)
        switch kind {
        case JobResult.reportedKind:
            places[place] = ReportPlace(segment: frame.text, number: UInt64(clamping: frame.start))
            latest = max(latest ?? .min, Int64(clamping: frame.peak))
        case JobResult.partKind: take(part: frame)
        case JobResult.begunKind: begun.insert(place)
        default:
            outcomes[place] = frame
            places[place] = nil
            if frame.kind == .workerLost { lostAtEnd.insert(place) } else { lostAtEnd = [] }
        }
    }

    private mutating func take(part frame: OutcomeFrame) {
        if segment != frame.text && !frame.text.isEmpty {
            segments.append(ReportPlace(segment: frame.text, number: UInt64(clamping: frame.start)))
        }
        if frame.fragment.isEmpty { return }
        if carried.last?.segment == frame.text {
            carried[carried.count - 1].bytes += frame.fragment
        } else {
            carried.append((frame.text, frame.fragment))
        }
    }

    /// The frame that says where the outcome before it is reported, and a moment that no report has passed by then.
    static func reported(_ frame: OutcomeFrame, _ place: ReportPlace, moment: Int64) -> [UInt8] {
        OutcomeFrame(
            task: frame.task, kind: .done, start: Int64(clamping: place.number), wall: 0, cpu: 0, peak: UInt64(clamping: moment),
            text: place.segment, fragment: []
        ).encoded(kind: reportedKind)
    }

    /// The frame that says that a task has begun.
    static func begun(_ task: TaskIndex) -> [UInt8] {
        OutcomeFrame(task: task, kind: .done, start: 0, wall: 0, cpu: 0, peak: 0, text: "", fragment: [])
            .encoded(kind: begunKind)
    }

    /// The frame that brings a part of a segment, or names it.
    /// - Parameter last: the number of its last record that is not this slice's.
    static func part(of segment: String, _ bytes: [UInt8], behind last: UInt64 = 0) -> [UInt8] {
        OutcomeFrame(
            task: TaskIndex(0), kind: .done, start: Int64(clamping: last), wall: 0, cpu: 0, peak: 0, text: segment, fragment: bytes
        ).encoded(kind: partKind)
    }
}
