import Glibc
import MartletTesting
import Testing

@testable import MartletSystem

@Suite struct FailPlanTests {
    private func plan(_ text: String, _ directory: String? = nil) throws -> FailPlan {
        FailPlan(try FailPlan.parse(text), directory: directory)
    }

    @Test func aFaultHappensAtItsPassage() throws {
        let plan = try plan("reports.append:3=enospc;ledger.sync:2+=skip;target.write=torn-7")
        #expect((1...4).map { _ in plan.pass(.reportsAppend) } == [.none, .none, .error(ENOSPC), .none])
        #expect((1...3).map { _ in plan.pass(.ledgerSync) } == [.none, .skip, .skip])
        #expect(plan.pass(.targetWrite) == .torn(7))
        #expect(plan.pass(.reportsSync) == .none)
    }

    @Test func withAStateDirectoryItHappensOnceInAllProcesses() throws {
        let scratch = try ScratchDirectory("fail-points")
        let first = try plan("reports.append=eio", scratch.path), second = try plan("reports.append=eio", scratch.path)
        #expect(first.pass(.reportsAppend) == .error(EIO))
        #expect(second.pass(.reportsAppend) == .none)
        #expect(String(decoding: try File.read("\(scratch.path)/reached"), as: UTF8.self) == "reports.append\nreports.append\n")
    }

    @Test func whatWasForcedToDiskIsNoted() throws {
        let scratch = try ScratchDirectory("fail-points")
        let file = try File.openNew("\(scratch.path)/segment")
        try File.writeAll(file, Array("12345".utf8))
        try plan("", scratch.path).synchronized(file)
        let noted = String(decoding: try File.read("\(scratch.path)/synced"), as: UTF8.self)
        #expect(noted.hasPrefix("5 /") && noted.hasSuffix("/segment\n"))
    }

    @Test(arguments: [
        "reports.append", "reports.append:0=eio", "reports.append:x=eio", "no.such=kill", "reports.append=nothing",
        "plan.chunk=eio", "target.name=torn-3", "reports.append:1:2=eio", "reports.append=short",
    ]) func whatCannotHappenIsRefused(text: String) {
        #expect(throws: FailPlan.Unreadable.self) { try FailPlan.parse(text) }
    }

    @Test func everyPointCanEndTheProcess() throws {
        for point in FailPoint.allCases {
            #expect(try FailPlan.parse("\(point.rawValue):2=kill").map(\.point) == [point])
        }
    }

    @Test func withoutTheVariableThereIsNoPlan() {
        #expect(FailPlan.current == nil)
        #expect(FailPoint.reportsAppend.pass() == .none)
    }
}
