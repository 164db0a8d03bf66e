import MartletModel
import MartletRuntime
import Testing

@Suite struct OutputClaimsTests {
    private func claim(_ path: String, _ task: Int, in claims: inout OutputClaims) {
        Array(path.utf8).withUnsafeBytes { claims.claim($0, by: TaskIndex(task)) }
    }

    @Test func aSecondTaskIsNoticedOnceAndItsOwnPathIsNot() {
        var claims = OutputClaims()
        claim("a", 0, in: &claims)
        claim("a", 0, in: &claims)
        claim("b", 1, in: &claims)
        #expect(claims.take().isEmpty)
        claim("./a", 2, in: &claims)
        claim("a", 3, in: &claims)
        #expect(claims.take() == [0, 2, 0, 3])
        #expect(claims.take().isEmpty)
    }

    @Test func manyPathsKeepApart() {
        var claims = OutputClaims()
        let tasks = 20_000
        for task in 0..<tasks { claim("/somewhere/file-\(task)", task, in: &claims) }
        // 2e4 squared over 2^33: there may be a chance meeting, not two
        #expect(claims.take().count <= 2)
        for task in 0..<tasks { claim("/somewhere/file-\(task)", tasks + task, in: &claims) }
        let again = claims.take()
        #expect(again.count == 2 * tasks)
        for at in stride(from: 0, to: 200, by: 2) { #expect(again[at + 1] - again[at] == Int32(tasks)) }
    }
}
