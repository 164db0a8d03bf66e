import Glibc
import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem
import Testing

@testable import MartletRuntime

/// What was reported before the run.
private final class EarlierReports: ReportIndex {
    var reports: [String: RecordedStanding]
    init(_ reports: [String: RecordedStanding]) { self.reports = reports }
    func look(up tasks: [String]) throws(Diagnostic) -> ReportLook {
        ReportLook(reports: tasks.map { reports[$0] }, facts: ["then": Fact(.code, .object([]))])
    }
    func renew() {}
}

/// What reports say of where results came from.
@Suite struct ConsumptionTests {
    private let records = MemoryRecords()

    private func driver(_ earlier: [String: RecordedStanding] = [:]) throws -> Driver {
        let records = self.records
        return Driver(
            try DriverOptions(json: #"{"slots":1,"here":true}"#),
            Adapters(
                reports: { _, _ in records }, ledger: { _, _ in MemoryLedger() },
                batchSystem: { name, _, _ throws(Diagnostic) in throw Diagnostic(.batchUnknown, subject: name) },
                sandbox: { text throws(Diagnostic) in throw Diagnostic(.sandboxUnknown, subject: text) },
                stores: Stores([]), clock: SystemClock(), reportIndex: { _ in EarlierReports(earlier) }))
    }

    private func start(_ driver: Driver, _ tasks: [PlannedTask]) throws {
        driver.plan(tasks)
        #expect(driver.planned(roots: [TaskIndex(0)], until: []).isEmpty)
        try driver.openRecords(state: "/nowhere", logs: "/nowhere/logs", head: .null)
    }

    private func end(_ driver: Driver, _ task: Int) throws -> [Driver.Request] {
        var bytes = frameBytes(task)
        return driver.advance(try OutcomeFrame.readAll(&bytes), milliseconds: 0)
    }

    private func line(_ number: Int) throws -> Report { try Report(json: JSON.parse("{\(records.lines[number - 1])}")) }

    private func charter(_ fingerprint: String, rerunsOn: String = "") throws -> Charter {
        try Charter(
            json: #"{"code":{"fingerprint":"\#(fingerprint)"},"environment":{"python":"3.12"},"sandbox":null,"rerun_on":[\#(rerunsOn)]}"#)
    }

    @Test func factsComeOnceAndBeforeWhoRefersToThem() throws {
        let driver = try driver()
        driver.charter(FamilyIndex(UInt32(0)), try charter("a"))
        try start(driver, [PlannedTask(TaskIndex(0), .outputAbsent, dependencies: [TaskIndex(1)]), PlannedTask(TaskIndex(1), .outputAbsent)])
        _ = driver.advance([], milliseconds: 0)
        _ = try end(driver, 1)
        _ = try end(driver, 0)
        #expect(records.lines.count == 4)
        let facts = try records.lines[..<2].map { try #require(Fact(json: JSON.parse("{\($0)}"))) }
        #expect(facts.map(\.kind) == [.code, .environment])
        let (first, second) = (try line(3), try line(4))
        #expect(first.execution.facts == Execution.Facts(code: facts[0].digest, environment: facts[1].digest))
        #expect(first.execution.consumed == nil && second.execution.facts == first.execution.facts)
        #expect(second.execution.consumed == .each([ReportName(segment: "memory", number: 3)]))
    }

    @Test func namesAreThoseOfTheSegmentThatRecordsAreIn() throws {
        let driver = try driver()
        let tasks = [0, 1, 2].map { TaskIndex($0) }
        try start(
            driver,
            [
                PlannedTask(tasks[0], .outputAbsent, dependencies: [tasks[1], tasks[2]]),
                PlannedTask(tasks[1], .outputAbsent, dependencies: [tasks[2]]),
                PlannedTask(tasks[2], .outputAbsent),
            ])
        _ = driver.advance([], milliseconds: 0)
        _ = try end(driver, 2)
        let first = records.lines.count
        records.moveOn(to: "elsewhere")  // somebody has merged what was there
        _ = try end(driver, 1)
        _ = try end(driver, 0)
        let report = try line(records.lines.count)
        #expect(
            report.execution.consumed == .each([
                ReportName(segment: "elsewhere", number: 1), ReportName(segment: "memory", number: UInt64(first)),
            ]))
    }

    @Test func passwordsAndTokensAreNotRecorded() throws {
        let driver = try driver()
        try start(driver, [PlannedTask(TaskIndex(0), .outputAbsent)])
        _ = driver.advance([], milliseconds: 0)
        let url = "https://ana:pw@host/a?sig=secret"
        var bytes = frameBytes(
            0, .raised, text: "OSError: \(url) says no\n\nand more", fragment: #""task":"id","params":{"url":"\#(url)"}"#)
        _ = driver.advance(try OutcomeFrame.readAll(&bytes), milliseconds: 0)
        let report = try line(1)
        #expect(report.parameters["url"]?.string == "https://ana@host/a?sig=***")
        #expect(report.execution.cause == "OSError: https://ana@host/a?sig=*** says no")
        #expect(!records.lines.joined().contains("pw@") && !records.lines.joined().contains("secret"))
    }

    @Test func factsThatFoundNoRoomComeWithTheNextRecord() throws {
        let driver = try driver()
        driver.charter(FamilyIndex(UInt32(0)), try charter("a"))
        try start(driver, [PlannedTask(TaskIndex(0), .outputAbsent)])
        records.room = 0
        _ = driver.advance([], milliseconds: 0)
        _ = try end(driver, 0)
        #expect(records.lines.isEmpty && driver.engine.states == [.failed])
    }

    @Test func whatWasThereBeforeIsNamedByItsReportOrItsFiles() throws {
        let earlier = RecordedStanding(
            .done, success: ReportName(segment: "before", number: 7), start: 1, facts: Execution.Facts(), consumed: nil)
        let driver = try driver(["reported": earlier])
        try start(
            driver,
            [
                PlannedTask(TaskIndex(0), .outputAbsent, dependencies: [1, 2].map { TaskIndex($0) }),
                PlannedTask(TaskIndex(1), .complete), PlannedTask(TaskIndex(2), .complete),
            ])
        #expect(Set(driver.advance([], milliseconds: 0).map(\.isNaming)) == [true, false])
        let order = driver.toName.map { $0 == TaskIndex(1) ? "reported" : "by hand" }
        #expect(driver.name(order) == order.map { $0 == "reported" })
        let file = RecordedOutput(path: "raw.txt", size: 4, modified: 5)
        driver.take([file], of: TaskIndex(2))
        _ = try end(driver, 0)
        let report = try line(1)
        guard case .each(let used) = report.execution.consumed else { return #expect(Bool(false), "nothing was consumed") }
        #expect(used[0] == ReportName(segment: "before", number: 7) && used[1] != nil && used[1] != used[0])
        #expect(report.execution.taken == [file])
    }

    @Test func changesAreFoundByComparingFacts() throws {
        let standing = RecordedStanding(
            .done, success: ReportName(segment: "before", number: 7), start: 1,
            facts: Execution.Facts(code: "then"), consumed: nil)
        let then = RecordedFacts(standing.facts, in: ["then": Fact(.code, try JSON.parse(#"{"fingerprint":"a","defaults":{"x":"1"}}"#))])
        #expect(try charter("a").changes(since: then) == .parameters)
        #expect(try charter("b").changes(since: then) == [.code, .parameters])
        #expect(try charter("").changes(since: then) == .parameters, "no source: nothing to compare")
        let older = RecordedFacts(standing.facts, in: ["then": Fact(.code, try JSON.parse(#"{"fingerprint":"a","form":1}"#))])
        #expect(try charter("b").changes(since: older) == [], "fingerprints of another form are not compared")
        let nothing = RecordedFacts(Execution.Facts(), in: [:])
        #expect(try charter("b").changes(since: nothing) == [], "version 1 does not tell")
        let other = Fact(.environment, .object([]))
        let moved = RecordedFacts(Execution.Facts(environment: other.digest), in: [other.digest: other])
        #expect(try charter("b").changes(since: moved) == .environment)
    }

    @Test func whatIsToCountRunsAgain() throws {
        let fact = Fact(.code, .object([]))
        let earlier = RecordedStanding(
            .done, success: ReportName(segment: "before", number: 7), start: 1, facts: Execution.Facts(code: fact.digest),
            consumed: nil)
        let driver = try driver(["id": earlier])
        driver.charter(FamilyIndex(UInt32(0)), try charter("b", rerunsOn: #""environment""#))
        let found = try driver.lookUp(
            [TaskIndex(0)], ["id"], families: [FamilyIndex(UInt32(0))], state: "/nowhere", anew: false)
        #expect(found[0].isNew && found[0].standing.report == .done)
        try start(driver, [PlannedTask(TaskIndex(0), .byReport)])
        #expect(driver.engine.states == [.present])
        #expect(driver.differences([TaskIndex(0)]).contains(#""report":"done","changes":[]"#))
    }
}

extension Driver.Request {
    fileprivate var isNaming: Bool {
        if case .name = self { return true }
        return false
    }
}
