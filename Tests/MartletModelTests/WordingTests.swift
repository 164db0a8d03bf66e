import MartletModel
import Testing

@Suite struct WordingTests {
    @Test(arguments: Diagnostic.Code.allCases)
    func everyCodeIsWorded(code: Diagnostic.Code) {
        let (line, hint) = Wording.text(Diagnostic(code, subject: "SUBJECT", cause: "CAUSE"))
        #expect(line.hasPrefix("SUBJECT: ") && line.hasSuffix(": CAUSE"))
        #expect(!line.contains(code.rawValue), "the code itself is no wording")
        #expect(!hint.isEmpty)
        #expect(!line.contains("\n") && !hint.contains("\n"))
    }

    @Test func wordingsDiffer() {
        let lines = Set(Diagnostic.Code.allCases.map { Wording.text(Diagnostic($0, subject: "x")).line })
        #expect(lines.count == Diagnostic.Code.allCases.count)
    }

    @Test func nothingIsSaidOfAnEmptyCause() {
        #expect(Wording.text(Diagnostic(.storageFull, subject: "a.root")).line == "a.root: no space is left")
        #expect(Wording.text(Diagnostic(.noRecords, subject: "")).line == "there are no records yet")
    }
}
