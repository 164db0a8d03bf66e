import MartletModel
import Testing

@testable import MartletStorage

@Suite struct CourierFrameTests {
    private let frame = CourierFrame(header: .object([JSONMember("op", .string("read ü"))]), bytes: [0, 255, 10])

    private func read(_ bytes: [UInt8], by step: Int) throws -> [CourierFrame] {
        var reader = CourierFrameReader()
        var frames: [CourierFrame] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            reader.take { $0 += bytes[start..<min(start + step, bytes.count)] }
            while let frame = try reader.next() { frames.append(frame) }
        }
        return frames
    }

    @Test(arguments: [1, 3, 7, 1000]) func whatIsWrittenIsReadHoweverItArrives(step: Int) throws {
        let other = CourierFrame(header: .object([]))
        let bytes = try frame.encoded() + other.encoded() + frame.encoded()
        #expect(try read(bytes, by: step) == [frame, other, frame])
    }

    @Test(arguments: [
        [255, 255, 255, 255, 2, 0, 0, 0, 123, 125], [6, 0, 0, 0, 3, 0, 0, 0, 123, 125], [0, 0, 0, 0, 0, 0, 0, 0],
        [6, 0, 0, 0, 2, 0, 0, 0, 123, 123], [5, 0, 0, 0, 255, 255, 255, 255, 1],
    ] as [[UInt8]])
    func whatIsNoFrameIsRefused(bytes: [UInt8]) {
        #expect(throws: CourierFrame.Malformed.self) { try read(bytes, by: 1000) }
    }

    @Test func aRequestSurvivesTheWay() throws {
        var request = StoreRequest(.fetch, [TargetRef("s3://bucket/a b"), TargetRef("s3://bucket/ü")])
        request.locals = ["/x", "/y"]
        request.partials = ["/x.tmp", "/y.tmp"]
        let read = try StoreRequest(request.header, bytes: [1])
        #expect(read.header == request.header && read.bytes == [1])
    }

    @Test(arguments: [
        "{}", "{\"op\":\"steal\",\"targets\":[]}", "{\"op\":\"read\",\"targets\":[]}",
        "{\"op\":\"commit\",\"targets\":[\"a\"]}", "{\"op\":\"fetch\",\"targets\":[\"a\"],\"locals\":[]}",
        "{\"op\":\"read\",\"targets\":[\"a\"],\"count\":-1}",
    ])
    func whatIsNoRequestIsRefused(text: String) throws {
        let header = try JSON.parse(text)
        #expect(throws: StoreRequest.Malformed.self) { try StoreRequest(header, bytes: []) }
    }

    /// Nothing that a courier says by mistake is taken for something that a store says.
    @Test(arguments: ["{}", "{\"error\":\"gone\"}", "{\"ok\":1}", "{\"ok\":true}", "{\"ok\":true,\"size\":-1}"])
    func anAnswerThatIsNoneSaysNothing(text: String) throws {
        let answer = StoreAnswer([try JSON.parse(text)])
        guard case .failure(let error)? = answer.results(StoreAnswer.status).first else {
            Issue.record("\(text) was taken for a status")
            return
        }
        #expect(error.kind == .transient)
    }
}
