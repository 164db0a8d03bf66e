import MartletModel
import Testing

@Suite struct TargetRootsTests {
    @Test func theRootsOfManyAreThoseOfEach() {
        let locations = [
            "https://h/a", "https://h/b", "https://host/c", "https://h", "https://h/", "s3://h/a", "/a/b", "c", "https://h/x",
            "root://h//a", "root://h:1094//a", "root://h//b",
        ]
        let targets = locations.map { TargetRef($0) }
        #expect(TargetRef.roots(of: targets) == targets.map(\.root))
        #expect(TargetRef.roots(of: targets.reversed()) == targets.reversed().map(\.root))
    }
}
