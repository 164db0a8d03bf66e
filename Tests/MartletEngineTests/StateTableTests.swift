import MartletEngine
import Testing

@Suite struct StateTableTests {
    @Test func endedStatesNeverMove() {
        for state in TaskState.allCases where state.hasEnded { #expect(state.legalMoves.isEmpty) }
        for state in TaskState.allCases where !state.hasEnded { #expect(!state.legalMoves.isEmpty) }
    }

    @Test func everyStateIsReachedFromTheFirst() {
        var reached: Set<TaskState> = [.unseen]
        var next: [TaskState] = [.unseen]
        while let state = next.popLast() {
            for follower in state.legalMoves where reached.insert(follower).inserted { next.append(follower) }
        }
        #expect(reached == Set(TaskState.allCases))
    }

    @Test func onlyCompleteTasksReleaseAndOnlyEndedOnesBlock() {
        #expect(TaskState.allCases.filter(\.isComplete) == [.present, .done])
        for state in TaskState.allCases where state.isComplete { #expect(state.hasEnded) }
    }
}
