import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRecords

@Suite struct LeaseSurveyTests {
    private let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("survey") }
    private var folder: String { scratch.path + "/leases" }
    private let a = TaskDigest(of: "a"), b = TaskDigest(of: "b"), c = TaskDigest(of: "c")

    private func survey() throws -> [TaskDigest: HeldLease] { try LeaseSurvey(of: [a, b, c], directory: folder).held }

    private func local() throws -> LocalLeases {
        let leases = LocalLeases(directory: folder)
        leases.observe()
        try leases.join(now: 0)
        return leases
    }

    @Test func withoutClaimsNobodyHoldsAnything() throws { #expect(try survey().isEmpty) }

    @Test func tellsWhoHoldsWhatSinceWhen() throws {
        let before = SystemClock().wall()
        let run = try local()
        try run.claim([a, b], startingNow: 1, now: 0)
        let held = try survey()
        #expect(Set(held.keys) == [a, b])
        let lease = try #require(held[a])
        #expect(lease.holder == LeaseHolder(host: Host.name(), pid: Host.pid))
        #expect("\(lease.run).claims" == run.name)
        #expect(lease.isStarted && held[b]?.isStarted == false)
        #expect(try #require(lease.since) >= before && lease.silence == nil)
        run.end(processesLeft: false)
    }

    @Test func whatWasGivenBackOrLeftByADeadRunIsNobodys() throws {
        let run = try local(), other = try local()
        try run.claim([a, b], startingNow: 2, now: 0)
        try other.claim([c], startingNow: 1, now: 0)
        try run.release(done: [a], undone: [b])
        #expect(Set(try survey().keys) == [c])
        other.end(processesLeft: true)  // as if it were killed: nothing is told, its descriptor is closed
        #expect(try survey().isEmpty)
        run.end(processesLeft: false)
    }

    @Test func aHeartbeatIsToldByItsAge() throws {
        let run = SharedLeases(directory: folder, timeout: 60_000_000_000, enclosing: []) { (path, _) throws(SystemError) in
            try File.replace(path, with: [1])
            return nil
        }
        run.observe()
        try run.join(now: 0)
        try run.claim([a], startingNow: 1, now: 0)
        let lease = try #require(try survey()[a])
        #expect(try #require(lease.silence) < 60)
        run.end(processesLeft: false)
        #expect(try survey().isEmpty)
    }

    @Test func aDamagedFileTellsWhatStandsBeforeTheDamage() throws {
        let run = try local()
        try run.claim([a], startingNow: 1, now: 0)
        let file = try File.openAppending("\(folder)/\(try #require(run.name))")
        try File.writeAll(file, Array("no record of claims at all".utf8))
        // the whole piece is passed over: nothing wrong is told
        #expect(try Set(survey().keys).isSubset(of: [a]))
        run.end(processesLeft: false)
    }

    @Test func saysItInOneLine() {
        let holder = LeaseHolder(host: "node1", pid: 7)
        var lease = HeldLease(run: "node1-7-ab", holder: holder, since: 20_000_000_000, isStarted: true)
        #expect(lease.words == "running now on node1, pid 7, since 1970-01-01 00:00:20 UTC, run node1-7-ab")
        lease.isStarted = false
        #expect(lease.words == "about to run on node1, pid 7, claimed since 1970-01-01 00:00:20 UTC, run node1-7-ab")
        lease.since = nil
        lease.silence = 4.2
        #expect(lease.words == "about to run on node1, pid 7, run node1-7-ab; its last sign of life was 4 s ago")
    }
}
