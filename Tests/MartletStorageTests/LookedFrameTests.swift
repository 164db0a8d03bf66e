import MartletModel
import MartletPorts
import Testing

@testable import MartletStorage

@Suite struct LookedFrameTests {
    private let denied = Existence.unknown(StorageError(.denied, "no"))
    private let gone = Existence.unknown(StorageError(.transient, "gone"))

    @Test func answersSurviveTheWay() {
        for existences in [[], [.there], [.absent, .there, denied, gone, denied, .absent]] {
            let frame = LookedFrame.encoded(existences)
            #expect(LookedFrame.decoded(frame.reasons, frame.bytes) == existences)
        }
    }

    @Test func aReasonIsToldOnce() {
        let frame = LookedFrame.encoded([denied, gone, denied, denied])
        #expect(frame.reasons.array?.count == 2)
        #expect(frame.bytes == [2, 0, 3, 0, 2, 0, 2, 0])
    }

    @Test func moreReasonsThanCanBeToldAreStillReasons() {
        let many = (0..<70_000).map { Existence.unknown(StorageError(.transient, "\($0)")) }
        let frame = LookedFrame.encoded(many)
        let read = LookedFrame.decoded(frame.reasons, frame.bytes)
        #expect(read?.count == 70_000 && read?.allSatisfy { if case .unknown = $0 { true } else { false } } == true)
    }

    /// Absence is never read out of what is not understood.
    @Test(arguments: [
        (JSON.array([]), [2, 0]), (.array([]), [1]), (.object([]), [0, 0]), (.array([.string("x")]), [2, 0]),
        (.array([.object([JSONMember("error", .string("odd"))])]), [2, 0]),
    ] as [(JSON, [UInt8])])
    func whatIsNoAnswerIsRefused(reasons: JSON, bytes: [UInt8]) {
        #expect(LookedFrame.decoded(reasons, bytes) == nil)
    }

    @Test func aReasonThatSaysAbsentIsAbsence() {
        let absent = JSON.array([StoreAnswer.json(StorageError(.absent, ""))])
        #expect(LookedFrame.decoded(absent, [2, 0]) == [.absent])
    }

    @Test(arguments: [[], ["root://h//a b"], ["https://h/ü", "", "file:///x"]])
    func locationsSurviveTheWay(locations: [String]) {
        let targets = locations.map { TargetRef($0) }
        #expect(LookedFrame.parted(LookedFrame.joined(targets), count: targets.count) == targets)
    }

    @Test func anotherNumberOfLocationsIsRefused() {
        let bytes = LookedFrame.joined([TargetRef("a"), TargetRef("b")])
        for count in [0, 1, 3] { #expect(LookedFrame.parted(bytes, count: count) == nil) }
    }

    @Test func anAnswerToAnotherQuestionIsNone() {
        let request = StoreRequest(.look, [TargetRef("a"), TargetRef("b")])
        let one = StoreAnswer([.there])
        #expect(StoreAnswer(CourierFrame(header: one.header, bytes: one.bytes), to: request) == nil)
        #expect(StoreAnswer(CourierFrame(header: .object([]), bytes: [1, 0, 1, 0]), to: request) == nil)
        let two = StoreAnswer([.there, .absent])
        #expect(StoreAnswer(CourierFrame(header: two.header, bytes: two.bytes), to: request)?.existences == [.there, .absent])
    }
}
