import Testing

@testable import MartletRuntime

@Suite struct LessonsTests {
    @Test func whoeverWasForkedEarlierGetsWhatFollowed() {
        var lessons = Lessons()
        for n in 0..<4 { lessons.add([UInt8(n)]) }
        #expect(Array(lessons.after(1)) == [[1], [2], [3]])
        #expect(lessons.after(4).isEmpty)
    }

    @Test func whatEverybodyKnowsIsDropped() {
        var lessons = Lessons()
        for n in 0..<4 { lessons.add([UInt8(n)]) }
        lessons.drop(3)
        lessons.drop(2)
        #expect(lessons.count == 4)
        #expect(Array(lessons.after(3)) == [[3]])
        lessons.add([4])
        #expect(Array(lessons.after(4)) == [[4]])
    }
}
