import Glibc
import MartletEngine
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRuntime

/// Keeps in memory what it is given, and on disk what it was told to settle; disks refuse.
private final class SettlingRecords: RecordStore {
    let segment = "s"
    private(set) var lines: [String] = []
    private(set) var durable: [String] = []
    var refuses = false
    var settling: () -> Void = {}

    func append(lines new: [[UInt8]]) -> UInt64 {
        lines += new.map { String(decoding: $0, as: UTF8.self) }
        return UInt64(lines.count)
    }

    func moment(at time: Int64) -> Int64? { lines.isEmpty ? nil : time }

    func settle() throws(Diagnostic) {
        settling()
        if refuses { throw Diagnostic(.recordUnwritable, subject: segment, cause: "Input/output error") }
        durable = lines
    }
}

/// A job of two tasks, which run in the calling process.
final class JobSliceTests {
    private let scratch: ScratchDirectory
    private let records = SettlingRecords()
    private let driver: Driver
    private var path: String { "\(scratch.path)/job/0.result" }

    init() throws {
        scratch = try ScratchDirectory("slice")
        try Directory.make("\(scratch.path)/job")
        driver = try JobSliceTests.driver(result: "\(scratch.path)/job/0.result", records)
        driver.plan([0, 1].map { PlannedTask(TaskIndex($0), .outputAbsent, dependencies: []) })
        _ = driver.planned(roots: [TaskIndex(0), TaskIndex(1)], until: [])
        try driver.openRecords(state: "/nowhere", logs: "/nowhere/logs", head: .null)
        _ = driver.advance([], milliseconds: 0)
    }

    private static func driver(result: String, _ records: SettlingRecords) throws -> Driver {
        Driver(
            try DriverOptions(json: #"{"slots":1,"here":true,"job":{"result":"\#(result)","log":"/nowhere/log"}}"#),
            Adapters(
                reports: { _, _ in records }, ledger: { _, _ in MemoryLedger() },
                batchSystem: { name, _, _ throws(Diagnostic) in throw Diagnostic(.batchUnknown, subject: name) },
                sandbox: { text throws(Diagnostic) in throw Diagnostic(.sandboxUnknown, subject: text) }, stores: Stores([]),
                clock: SystemClock()))
    }

    private func end(_ place: Int) {
        let frame = OutcomeFrame(
            task: TaskIndex(place), kind: .done, start: 5, wall: 1, cpu: 1, peak: 9, text: "", fragment: Array("\"task\":\"a\"".utf8))
        _ = driver.advance([frame], milliseconds: 0)
    }

    private func left() throws -> JobResult { JobResult(try File.read(path)) }

    @Test func anOutcomeIsLeftOnceItsReportIsOnDisk() throws {
        var leftBefore: [Int] = []
        // -1: there is no result yet, or none that can be read
        records.settling = { [unowned self] in leftBefore.append((try? left())?.outcomes.count ?? -1) }
        end(0)
        #expect(leftBefore == [0])
        #expect(records.durable.count == 1)
        #expect(try left().places == [0: ReportPlace(segment: "s", number: 1)])
    }

    /// The next slice of the same job.
    private func begin(after moment: Int64) throws -> JobResult {
        driver.close()
        let next = "\(scratch.path)/job/1.result"
        let driver = try JobSliceTests.driver(result: next, SettlingRecords())
        try driver.openRecords(state: "/nowhere", logs: "/nowhere/logs", head: ["after": .integer(moment)], after: self.driver)
        return JobResult(try File.read(next))
    }

    @Test func theNextSliceGoesOnWithTheSegmentBehindWhatIsThere() throws {
        end(0)
        #expect(try begin(after: 1).segments == [ReportPlace(segment: "s", number: 1)])
    }

    @Test func whatIsToBeLaterThanTheSegmentBeginsAnother() throws {
        end(0)
        #expect(try begin(after: .max).segments == [ReportPlace(segment: "s", number: 0)])
    }

    @Test func whatItsDiskRefusesIsReportedWhereItIsCollected() throws {
        records.refuses = true
        end(0)
        #expect(try left().outcomes.keys.sorted() == [0])
        #expect(try left().places.isEmpty)
        #expect(driver.summary().contains("Input/output error"))
        #expect(!driver.summary().contains("unleft"))
    }

    @Test func anOutcomeThatCannotBeLeftIsSaid() throws {
        try File.rename("\(scratch.path)/job", to: "\(scratch.path)/gone")
        end(0)
        #expect(driver.engine.states[0] == .failed)
        let summary = try JSON.parse(driver.summary())
        let unleft = try #require(summary["unleft"]?.string)
        #expect(unleft.contains("0.result") && unleft.contains("No such file"))
    }
}
