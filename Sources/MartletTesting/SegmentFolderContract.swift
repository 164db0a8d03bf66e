import MartletPorts

/// What every folder of segments must do; one body for all of them.
/// - Parameters:
///   - folder: without any segment yet.
///   - segments: the bytes of two segments as they may come, the first the beginning of the second.
public func segmentFolderContract(
    _ folder: some SegmentFolder, _ segments: (short: [UInt8], long: [UInt8])
) throws -> Findings {
    var found = Findings()
    let (short, long) = segments
    found.expect(folder.executions(in: "none").isEmpty, "a segment that is not there tells of executions")
    try folder.place("one", short)
    found.expect(try folder.bytes(of: "one", from: 0) == short, "a segment is not what was put there")
    try folder.place("one", long)
    found.expect(try folder.bytes(of: "one", from: 0) == long, "a segment that has come further is left out")
    try folder.place("one", short)
    found.expect(try folder.bytes(of: "one", from: 0) == long, "what came late has cut a segment short")
    let begin = UInt64(short.count), end = UInt64(long.count)
    found.expect(try folder.bytes(of: "one", from: begin) == Array(long[short.count...]), "the rest of a segment is another")
    found.expect(try folder.bytes(of: "one", from: end).isEmpty, "there is something behind the end of a segment")
    found.expect(try folder.bytes(of: "one", from: end + 7).isEmpty, "there is something far behind the end of a segment")
    try folder.place("two", short)
    found.expect(try folder.bytes(of: "one", from: 0) == long, "one segment has changed another")
    return found
}
