import MartletEngine
import MartletModel
import Testing

@testable import MartletRuntime

/// A frame as a worker writes it.
func frameBytes(
    _ task: Int, _ kind: Outcome.Kind = .done, wall: Double = 0.5, text: String = "", fragment: String = "\"task\":\"t\"",
    logOffset: UInt64 = 0, logLength: UInt64 = 0
) -> [UInt8] {
    var body: [UInt8] = []
    func put<T: FixedWidthInteger>(_ value: T) { withUnsafeBytes(of: value.littleEndian) { body.append(contentsOf: $0) } }
    put(UInt32(task))
    body += [kind.rawValue, 0, 0, 0]
    put(Int64(1_700_000_000_000_000_000))
    put(wall.bitPattern)
    put((0.25).bitPattern)
    put(UInt64(4096))
    put(logOffset)
    put(logLength)
    put(UInt32(text.utf8.count))
    body += Array(text.utf8) + Array(fragment.utf8)
    var frame: [UInt8] = []
    withUnsafeBytes(of: UInt32(body.count).littleEndian) { frame.append(contentsOf: $0) }
    return frame + body
}

@Suite struct OutcomeFrameTests {
    @Test func readsWhatAWorkerWrites() throws {
        var bytes = frameBytes(7, .raised, text: "ValueError: no", fragment: "\"task\":\"A\"", logOffset: 10, logLength: 5)
        let frame = try #require(try OutcomeFrame.readAll(&bytes).first)
        #expect(frame.task == TaskIndex(7))
        #expect(frame.kind == .raised)
        #expect(frame.wall == 0.5)
        #expect(frame.cpu == 0.25)
        #expect(frame.peak == 4096)
        #expect(frame.text == "ValueError: no")
        #expect(String(decoding: frame.fragment, as: UTF8.self) == "\"task\":\"A\"")
        #expect(frame.logOffset == 10 && frame.logLength == 5)
        #expect(bytes.isEmpty)
    }

    @Test func writesWhatItReads() throws {
        var bytes = frameBytes(1)
        OutcomeFrame.append(
            to: &bytes, task: TaskIndex(7), start: 1_700_000_000_000_000_000, wall: 0.5, cpu: 0.25, peak: 4096,
            log: (10, 5)
        ) { $0 += Array("\"task\":\"t\"".utf8) }
        #expect(bytes == frameBytes(1) + frameBytes(7, logOffset: 10, logLength: 5))
    }

    @Test func waitsForTheRestAtEveryByte() throws {
        let whole = frameBytes(1) + frameBytes(2)
        for cut in whole.indices {
            var bytes = Array(whole[..<cut])
            let early = try OutcomeFrame.readAll(&bytes)
            bytes += whole[cut...]
            let late = try OutcomeFrame.readAll(&bytes)
            #expect((early + late).map(\.task) == [TaskIndex(1), TaskIndex(2)])
            #expect(bytes.isEmpty)
        }
    }

    @Test func refusesWhatIsNoFrame() {
        var short: [UInt8] = [3, 0, 0, 0, 1, 2, 3]
        #expect(throws: OutcomeFrame.Malformed.tooShort) { try OutcomeFrame.readAll(&short) }
        var text = Array("Traceback (most recent call last): this is no frame".utf8)
        #expect(throws: OutcomeFrame.Malformed.textTooLong) { try OutcomeFrame.readAll(&text) }
        var kind = frameBytes(1)
        kind[8] = 99
        #expect(throws: OutcomeFrame.Malformed.unknownKind(99)) { try OutcomeFrame.readAll(&kind) }
        var length = frameBytes(1)
        length[60] = 255
        #expect(throws: OutcomeFrame.Malformed.textTooLong) { try OutcomeFrame.readAll(&length) }
    }
}
