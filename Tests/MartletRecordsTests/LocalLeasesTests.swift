import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRecords

private func digests(_ names: String...) -> [TaskDigest] { names.map { TaskDigest(of: $0) } }

@Suite struct LocalLeasesTests {
    private let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("leases") }
    private var folder: String { scratch.path + "/leases" }

    private func run(_ enclosing: [EnclosingRun] = []) throws -> LocalLeases {
        let leases = LocalLeases(directory: folder, enclosing: enclosing)
        leases.observe()
        try leases.join(now: 0)
        return leases
    }

    private func claim(_ leases: LocalLeases, _ names: String...) throws -> [LeaseAnswer] {
        try leases.claim(names.map { TaskDigest(of: $0) }, startingNow: 1, now: 0)
        return try #require(try leases.answers(now: 0))
    }

    private func isHeld(_ answer: LeaseAnswer) -> Bool {
        if case .held = answer { return true }
        return false
    }

    @Test func aRunAloneGetsWhatItAsksForAndLeavesNothing() throws {
        let leases = try run()
        #expect(try claim(leases, "a", "b") == [.ours, .ours])
        leases.end(processesLeft: false)
        leases.end(processesLeft: false)
        #expect(try Directory.list(folder).map(\.name) == ["lock"])
    }

    @Test func whatOneHoldsTheOtherDoesNotGet() throws {
        let one = try run(), two = try run()
        #expect(try claim(one, "a", "b") == [.ours, .ours])
        let answers = try claim(two, "a", "c")
        #expect(answers == [.held(LeaseHolder(host: Host.name(), pid: Host.pid)), .ours])
        #expect(isHeld(try claim(one, "c")[0]))
        one.end(processesLeft: false)
        two.end(processesLeft: false)
        #expect(try Directory.list(folder).map(\.name) == ["lock"])
    }

    @Test func whatWasGivenBackIsFreeAndTellsHowItEnded() throws {
        let one = try run(), two = try run()
        _ = try claim(one, "a", "b", "c")
        _ = try claim(two, "a")
        try one.release(done: digests("a"), undone: digests("b"))
        let holder = LeaseHolder(host: Host.name(), pid: Host.pid)
        #expect(
            try two.look(digests("a", "b", "c"), now: 0) == [
                .free(holder, done: true), .free(holder, done: false), .held(holder),
            ])
        #expect(try claim(two, "a", "b") == [.oursAfter(holder, done: true), .oursAfter(holder, done: false)])
    }

    @Test func whatARunHeldThatIsGoneIsFreeButDoubtful() throws {
        let one = try run(), two = try run()
        _ = try claim(one, "a")
        one.end(processesLeft: true)  // as if it were killed: nothing is told, its descriptor is closed
        let holder = LeaseHolder(host: Host.name(), pid: Host.pid)
        #expect(try two.look(digests("a"), now: 0) == [.free(holder, done: false)])
        #expect(try claim(two, "a", "b") == [.oursAfter(holder, done: false), .ours])
    }

    @Test func aRunThatEndedBetweenTheFirstLookAndTheFirstClaimMakesEverythingDoubtful() throws {
        let late = LocalLeases(directory: folder)
        late.observe()
        let early = try run()
        _ = try claim(early, "a")
        early.end(processesLeft: false)
        try late.join(now: 0)
        #expect(try claim(late, "a", "b") == [.oursAfter(nil, done: false), .oursAfter(nil, done: false)])
    }

    @Test func aRunThatWasKilledBetweenTheFirstLookAndTheFirstClaimMakesEverythingDoubtful() throws {
        let early = try run()
        _ = try claim(early, "a")
        let late = LocalLeases(directory: folder)
        late.observe()
        early.end(processesLeft: true)  // as if it were killed: it may have made a's output by then
        try late.join(now: 0)
        guard case .oursAfter = try claim(late, "a")[0] else { return #expect(Bool(false), "what it made is not looked at") }
    }

    @Test func aForkedProcessKeepsTheLeasesOfItsParent() throws {
        let one = try run(), two = try run()
        _ = try claim(one, "a")
        // a descriptor of the same open file, as a forked worker has it
        let names = try Directory.list("/proc/self/fd").compactMap { Int32($0.name) }
        let open = names.filter { fd in
            var target = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/fd/\(fd)", &target, target.count)
            return count > 0 && String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self).hasSuffix(".claims")
        }
        let inherited = open.map { Descriptor(dup($0)) }
        one.end(processesLeft: true)
        #expect(isHeld(try claim(two, "a")[0]))
        for descriptor in inherited { descriptor.close() }
        #expect(try !isHeld(claim(two, "a")[0]))
    }

    @Test func aNestedRunDoesNotWaitForTheOneItIsPartOf() throws {
        let outer = try run()
        _ = try claim(outer, "a")
        let inner = try run([EnclosingRun(file: try #require(outer.name), isHere: true)])
        #expect(try claim(inner, "a") == [.ours])
        inner.end(processesLeft: false)
        #expect(isHeld(try claim(try run(), "a")[0]))
    }

    @Test func aRunWithinAWorkersTaskWaitsForWhatOtherWorkersRun() throws {
        let outer = try run()
        try outer.claim(digests("own", "beside", "next"), startingNow: 2, now: 0)
        _ = try outer.answers(now: 0)
        let around = EnclosingRun(file: try #require(outer.name), isHere: false, task: TaskDigest(of: "own"))
        let inner = try run([around])
        let answers = try claim(inner, "own", "beside", "next")
        #expect(answers.map(isHeld) == [false, true, false])
    }

    @Test func filesOfTheDeadAreSweptByWhoeverComesNext() throws {
        let dead = try run()
        _ = try claim(dead, "a")
        dead.end(processesLeft: true)
        let next = try run()
        #expect(try claim(next, "a") == [.ours])  // it looked at outputs after the dead one had gone
        #expect(try Directory.list(folder).filter { $0.name.hasSuffix(".claims") }.count == 1)
    }

    @Test func damageMakesEverythingDoubtful() throws {
        let one = try run(), two = try run()
        _ = try claim(one, "a")
        let path = "\(folder)/\(try #require(one.name))"
        let file = try File.openAppending(path)
        try File.writeAll(file, Array("no record".utf8))
        guard case .oursAfter = try claim(two, "z")[0] else { return #expect(Bool(false), "damage was passed over") }
        #expect(isHeld(try claim(two, "a")[0]))
    }

    @Test func halfARecordIsWaitedFor() throws {
        var bytes: [UInt8] = []
        ClaimRecord.append(.claimed, digests("a", "b")[...], to: &bytes)
        ClaimRecord.append(.done, digests("a")[...], to: &bytes)
        for cut in 0...bytes.count {
            var seen: [ClaimRecord.Kind] = []
            let taken = try bytes[..<cut].withUnsafeBytes { try ClaimRecord.readAll($0) { kind, _ in seen.append(kind) } }
            #expect(taken == (cut < 24 ? 0 : cut < bytes.count ? 24 : bytes.count))
            #expect(seen.count == (cut < 24 ? 0 : cut < bytes.count ? 2 : 3))
        }
    }
}
