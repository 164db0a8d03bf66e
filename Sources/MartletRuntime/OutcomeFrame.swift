import MartletEngine
import MartletModel

/// How one execution ended, as a worker sends it. The layout is described in `python/martlet/running/outcome.py`,
/// which writes it; `MartletBridgeTests` holds the two together.
public struct OutcomeFrame: Equatable, Sendable {
    public var task: TaskIndex
    public var kind: Outcome.Kind
    /// The execution has not ended: the task asks for others, described in `text` (`martlet.running.description`).
    public var asks = false
    /// The process that ran it had better run no other task.
    public var isWorn = false
    /// The part of the log is one of a file of its own.
    public var hasOwnLog = false
    /// Nanoseconds since 1970-01-01 UTC.
    public var start: Int64
    /// Seconds.
    public var wall: Double
    /// Seconds of processor time.
    public var cpu: Double
    /// Peak resident memory, kB.
    public var peak: UInt64
    public var logOffset: UInt64
    public var logLength: UInt64
    /// The cause in one line, an empty line, details; for a task that is done a hint, or nothing.
    public var text: String
    /// Members of a JSON object that describe the task.
    public var fragment: [UInt8]

    public enum Malformed: Error, Equatable { case tooShort, unknownKind(UInt8), textTooLong }

    /// Stands where other frames have their outcome's number.
    static let asksKind: UInt8 = 100
    static let lengthField = 4
    /// Where the kind stands in the bytes of a frame.
    static let kindOffset = 8
    /// Bytes before the text, without the length field.
    static let fixed = 60
    /// A frame is never longer: a worker whose bytes say otherwise speaks something else.
    static let longest = 1 << 28

    init(
        task: TaskIndex, kind: Outcome.Kind, start: Int64, wall: Double, cpu: Double, peak: UInt64, text: String,
        fragment: [UInt8]
    ) {
        (self.task, self.kind, self.start, self.wall, self.cpu) = (task, kind, start, wall, cpu)
        (self.peak, self.text, self.fragment) = (peak, text, fragment)
        (logOffset, logLength) = (0, 0)
    }

    /// Reads the frame at the beginning of `bytes`.
    /// - Returns: nil when it is not complete yet; else the frame and how many bytes it took.
    public static func read(_ bytes: UnsafeRawBufferPointer) throws(Malformed) -> (frame: OutcomeFrame, taken: Int)? {
        guard bytes.count >= lengthField else { return nil }
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
        guard length >= fixed else { throw .tooShort }
        guard length <= longest else { throw .textTooLong }
        guard bytes.count >= lengthField + length else { return nil }
        let body = UnsafeRawBufferPointer(rebasing: bytes[lengthField..<lengthField + length])
        return (try OutcomeFrame(body), lengthField + length)
    }

    private init(_ body: UnsafeRawBufferPointer) throws(Malformed) {
        func number<T: FixedWidthInteger>(_ offset: Int, _: T.Type) -> T {
            T(littleEndian: body.loadUnaligned(fromByteOffset: offset, as: T.self))
        }
        task = TaskIndex(number(0, UInt32.self))
        asks = body[4] == OutcomeFrame.asksKind
        guard let kind = asks ? .done : Outcome.Kind(rawValue: body[4]) else { throw .unknownKind(body[4]) }
        self.kind = kind
        isWorn = body[5] != 0
        hasOwnLog = body[6] != 0
        start = number(8, Int64.self)
        wall = Double(bitPattern: number(16, UInt64.self))
        cpu = Double(bitPattern: number(24, UInt64.self))
        peak = number(32, UInt64.self)
        logOffset = number(40, UInt64.self)
        logLength = number(48, UInt64.self)
        let textLength = Int(number(56, UInt32.self))
        guard OutcomeFrame.fixed + textLength <= body.count else { throw .textTooLong }
        text = String(decoding: body[OutcomeFrame.fixed..<OutcomeFrame.fixed + textLength], as: UTF8.self)
        fragment = [UInt8](body[(OutcomeFrame.fixed + textLength)...])
    }

    /// The bytes of the frame.
    /// - Parameter kind: the number in the place of its own.
    func encoded(kind number: UInt8? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        let text = Array(text.utf8)
        func put(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
        put(UInt32(OutcomeFrame.fixed + text.count + fragment.count))
        put(task.raw)
        bytes += [number ?? (asks ? OutcomeFrame.asksKind : kind.rawValue), isWorn ? 1 : 0, hasOwnLog ? 1 : 0, 0]
        put(start)
        for value in [wall.bitPattern, cpu.bitPattern, peak, logOffset, logLength] { put(value) }
        put(UInt32(text.count))
        return bytes + text + fragment
    }

    /// Appends the frame of an execution that ended well.
    /// - Parameter log: where what it printed begins in the log of its process, and how long it is, in bytes.
    /// - Parameter fragment: appends the members of a JSON object that describe the task.
    public static func append(
        to bytes: inout [UInt8], task: TaskIndex, start: Int64, wall: Double, cpu: Double, peak: UInt64,
        log: (offset: UInt64, length: UInt64), fragment: (inout [UInt8]) -> Void
    ) {
        let begin = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: lengthField + fixed))
        fragment(&bytes)
        let length = bytes.count - begin - lengthField
        bytes.withUnsafeMutableBytes { raw in
            func put(_ value: some FixedWidthInteger, _ offset: Int) {
                raw.storeBytes(of: value.littleEndian, toByteOffset: begin + lengthField + offset, as: type(of: value))
            }
            put(UInt32(length), -lengthField)
            put(task.raw, 0)
            put(Outcome.Kind.done.rawValue, 4)
            put(start, 8)
            put(wall.bitPattern, 16)
            put(cpu.bitPattern, 24)
            put(peak, 32)
            put(log.offset, 40)
            put(log.length, 48)
        }
    }

    /// Reads every complete frame and takes them off the front of `bytes`.
    /// - Throws: `Malformed`.
    public static func readAll(_ bytes: inout [UInt8]) throws -> [OutcomeFrame] {
        var frames: [OutcomeFrame] = []
        let at = try bytes.withUnsafeBytes { raw in
            var at = 0
            while let (frame, taken) = try read(UnsafeRawBufferPointer(rebasing: raw[at...])) {
                frames.append(frame)
                at += taken
            }
            return at
        }
        bytes.removeFirst(at)
        return frames
    }
}
