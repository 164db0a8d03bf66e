import Glibc
import MartletModel
import MartletSystem
import MartletTesting
import Testing

@testable import MartletRecords

/// The index on disk: whatever happens to it, answers are those of the segments.
@Suite struct RecordIndexTests {
    let scratch: ScratchDirectory
    let area: Area
    let place: IndexPlace
    init() throws {
        scratch = try ScratchDirectory("index")
        area = Area(path: "\(scratch.path)/reports")
        place = IndexPlace(base: "\(scratch.path)/cache", directory: area.path)
        // enough to be worth an index
        let writer = area.writer("one")
        for i in 0..<Self.count { _ = try writer.append(members(Self.report(i))) }
    }

    static let count = 600

    static func report(_ i: Int, start: Int64? = nil) -> Report {
        sampleReport("T\(i % 7)_\(String(repeating: "x", count: 250))_\(i)", start: start ?? Int64(i) * second)
    }

    private func indices() throws -> [String] {
        let folder = try Directory.list("\(scratch.path)/cache")[0].name
        return try Directory.list("\(scratch.path)/cache/\(folder)").map { "\(scratch.path)/cache/\(folder)/\($0.name)" }
            .filter { $0.hasSuffix(".sqlite") }
    }

    /// Both ways to the same answers.
    private func agree(_ kept: Bool = true, _ note: Comment? = nil) throws {
        let indexed = try area.catalogue(place), read = try area.catalogue()
        #expect(indexed.isKept == kept && !read.isKept, note)
        #expect(try indexed.executions() == read.executions(), note)
        #expect(try indexed.newest() == read.newest(), note)
        #expect(indexed.damage == read.damage, note)
        #expect(try AreaStatus(indexed).families == AreaStatus(read).families, note)
    }

    @Test func itGrowsWithTheSegments() throws {
        try agree()
        try area.record(by: "two", [Self.report(3, start: 9000 * second), Self.report(9999)])
        try agree()
        let writer = area.writer("three")
        for i in 0..<3 {
            _ = try writer.append(members(Self.report(i, start: 10_000 * second)))
            try agree()
        }
        #expect(try area.catalogue(place).executions().count == Self.count + 5)
        #expect(try area.catalogue(place).newest(of: Self.report(2).task)?.segment == "three")
    }

    @Test func whatWasTakenInIsNotReadAgain() throws {
        try agree()
        // every line but the last is spoilt behind the index's back, the size and time kept
        let path = "\(area.path)/one.jsonl"
        let modified = try FileFacts.of(name: path).modified
        let file = try File.openWriting(path)
        try [UInt8](repeating: 0x20, count: 2000).withUnsafeBytes { try File.writeAll(file, $0, at: 6000) }
        try File.setModified(path, modified)
        #expect(try area.catalogue(place).executions().count == Self.count)
        #expect(try area.catalogue(place).damage.isEmpty)
        // what is shown in full is read from the segment, where the damage is seen
        let spoilt = try area.catalogue(place).executions().first { glance in
            (6000..<8000).contains(glance.place.offset)
        }
        let error = #expect(throws: Diagnostic.self) { try area.catalogue(place).report(of: #require(spoilt)) }
        #expect(error?.code == .recordDamaged)
        // a new time, and it is looked at
        try File.touch(path)
        try agree()
        #expect(try !area.catalogue(place).damage.isEmpty)
    }

    @Test func aHalfWrittenLineIsToldUntilItIsWhole() throws {
        let path = "\(area.path)/one.jsonl"
        let whole = try File.read(path)
        try File.truncate(try File.openWriting(path), to: Int64(whole.count - 30))
        try agree()
        #expect(try area.catalogue(place).damage.map(\.code) == [.recordDamaged])
        #expect(try area.catalogue(place).executions().count == Self.count - 1)
        try whole.suffix(30).withUnsafeBytes {
            try File.writeAll(try File.openWriting(path), $0, at: UInt64(whole.count - 30))
        }
        try agree()
        #expect(try area.catalogue(place).damage.isEmpty)
        #expect(try area.catalogue(place).executions().count == Self.count)
    }

    @Test func segmentsThatVanishOrAreReplacedAreForgotten() throws {
        try area.record(by: "two", [Self.report(3, start: 9000 * second)])
        try agree()
        try File.remove("\(area.path)/two.jsonl")
        try agree()
        // another content under the same name, longer than before
        try area.record(by: "two", [Self.report(4, start: 9000 * second)])
        try agree()
        try File.remove("\(area.path)/two.jsonl")
        try area.record(by: "two", (5..<9).map { Self.report($0, start: 9000 * second) })
        try agree()
        #expect(try area.catalogue(place).newest(of: Self.report(4).task)?.segment == "one")
    }

    @Test(arguments: ["empty", "noise", "cut", "version", "tables", "pages"])
    func aDamagedIndexIsMadeAgain(how: String) throws {
        try agree()
        let path = try indices()[0]
        for suffix in ["-wal", "-shm"] { _ = unlink(path + suffix) }
        let size = Int64(try File.size(path))
        switch how {
        case "empty": try File.truncate(try File.openWriting(path), to: 0)
        case "noise": try File.replace(path, with: [UInt8](repeating: 0x5A, count: 40_000))
        case "cut": try File.truncate(try File.openWriting(path), to: size / 2)
        case "version": try Database(path).run("PRAGMA user_version = 77")
        case "tables": try Database(path).run("DROP TABLE execution; CREATE TABLE execution(other)")
        default:
            let file = try File.openWriting(path)
            for page in 3..<(size / 4096) {
                try [UInt8](repeating: 0xEE, count: 300).withUnsafeBytes {
                    try File.writeAll(file, $0, at: UInt64(page) * 4096)
                }
            }
        }
        // the process that finds the damage answers, kept or not; the next one has an index again
        #expect(try area.catalogue(place).executions() == area.catalogue().executions())
        try agree(true, "\(how)")
        #expect(try indices().count == 1)
    }

    @Test func withoutAPlaceItIsMadeInMemory() throws {
        try Directory.make("\(scratch.path)/none")
        #expect(chmod("\(scratch.path)/none", 0) == 0)
        let file = "\(scratch.path)/file"
        try File.replace(file, with: [])
        for base in ["/proc/nowhere", file, "/dev/full"] {
            let catalogue = try ReportCatalogue(directory: area.path, place: IndexPlace(base: base, directory: area.path))
            #expect(try !catalogue.isKept && catalogue.executions().count == Self.count)
        }
    }

    @Test func whereNothingIsNewNobodyIsWaitedFor() throws {
        try agree()
        let other = try Database(try indices()[0])
        try other.run("BEGIN IMMEDIATE")
        #expect(try area.catalogue(place).isKept)
        try other.run("ROLLBACK")
    }

    @Test func indicesThatNobodyUsesAreRemoved() throws {
        for (name, days) in [("old", 61), ("new", 59)] as [(String, Int64)] {
            try Directory.make("\(scratch.path)/cache/\(name)")
            try File.replace("\(scratch.path)/cache/\(name)/index-1-1.sqlite", with: [])
            try File.setModified(
                "\(scratch.path)/cache/\(name)/index-1-1.sqlite", SystemClock().wall() - days * 86400 * second)
        }
        try agree()
        #expect(try Directory.list("\(scratch.path)/cache").map(\.name).filter { $0.count < 16 } == ["new"])
    }

    @Test func smallAreasHaveNone() throws {
        let small = Area(path: "\(scratch.path)/small")
        try small.record(by: "one", [Self.report(1)])
        let catalogue = try small.catalogue(IndexPlace(base: "\(scratch.path)/other", directory: small.path))
        #expect(try !catalogue.isKept && catalogue.executions().count == 1)
        #expect(Directory.isAbsent("\(scratch.path)/other"))
    }
}
