import MartletEngine
import MartletModel
import Testing

@Suite struct ReasonWordingTests {
    /// Every reason of the engine has words for the records' readers, or is one that no record has.
    @Test(arguments: Reason.Code.allCases)
    func everyReasonHasWords(code: Reason.Code) {
        let name = "\(code)"
        let never: Set<Reason.Code> = [
            .none, .complete, .notNeeded, .leasedElsewhere, .madeElsewhere, .succeeded, .raised, .outputsNotMade,
            .workerLost, .interruptedWhileRunning, .couldNotStart, .timedOut, .outOfMemory, .storageTrouble,
        ]
        let words = [ReasonWording.whyItRan(name), ReasonWording.whyItDidNot(name, subject: "A()")].compactMap(\.self)
        #expect(words.count == (never.contains(code) ? 0 : 1))
    }
}
