import MartletModel
import MartletSystem

/// A line in a segment file.
struct LinePlace: Equatable, Sendable {
    /// Name of the file in its directory.
    var file: String
    var offset: UInt64

    /// What stands there; nil when that is no undamaged record.
    func record(in directory: String) throws(SystemError) -> (number: UInt64, json: JSON)? {
        var files = OpenSegments(directory)
        return try files.record(at: self)
    }
}

/// Segment files that are kept open while lines of them are read one by one.
struct OpenSegments {
    /// Files that are open at a time.
    private static let most = 64
    /// Nearly every line is shorter.
    private static let usual = 1024

    private let directory: String
    private var open: [String: Descriptor] = [:]

    init(_ directory: String) { self.directory = directory }

    /// What stands there; nil when that is no undamaged record.
    mutating func record(at place: LinePlace) throws(SystemError) -> (number: UInt64, json: JSON)? {
        guard case .record(let number, let json) = try entry(at: place) else { return nil }
        return (number, json)
    }

    private mutating func entry(at place: LinePlace) throws(SystemError) -> SegmentEntry {
        let path = "\(directory)/\(place.file)"
        if open[place.file] == nil && open.count >= OpenSegments.most { open = [:] }
        let file = if let known = open[place.file] { known } else { try File.openReading(path) }
        open[place.file] = file
        var wanted = OpenSegments.usual
        while true {
            let bytes = try File.readOnce(file, offset: place.offset, count: wanted)
            if let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                return bytes[..<end].withUnsafeBufferPointer { SegmentReader.entry($0, 2, path) }
            }
            if bytes.count < wanted { return .blank }
            wanted *= 8
        }
    }
}
