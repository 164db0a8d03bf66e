import MartletModel
import Testing

@Suite struct EditDistanceTests {
    @Test(arguments: [("", "", 0), ("abc", "abc", 0), ("Selection", "selection", 0), ("Selction", "Selection", 1),
        ("abc", "axc", 1), ("ab", "ba", 2), ("abc", "", 3)])
    func counts(a: String, b: String, distance: Int) {
        #expect(EditDistance.between(a, b) == distance && EditDistance.between(b, a) == distance)
    }
}
