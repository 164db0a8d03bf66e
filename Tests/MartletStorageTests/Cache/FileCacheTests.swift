import Glibc
import MartletModel
import MartletPorts
import MartletStorage
import MartletSystem
import MartletTesting
import Testing

@Suite struct FileCacheTests {
    let scratch: ScratchDirectory
    let store = MemoryStorage()

    init() throws {
        scratch = try ScratchDirectory("cache")
        try Directory.make("\(scratch.path)/out")
    }

    private var folder: String { "\(scratch.path)/cache/martlet-\(geteuid())" }

    private func cache(_ limit: UInt64 = 1 << 20, _ check: FileCache.Check = .mtime) throws -> FileCache {
        try FileCache(directory: "\(scratch.path)/cache", limit: limit, check: check)
    }

    private func write(_ name: String, _ text: String) throws {
        let target = TargetRef("mem:///\(name)")
        try store.commit(store.put(Array(text.utf8), besides: target).get(), as: target).get()
    }

    /// What arrives under a local name of its own.
    @discardableResult
    private func fetch(
        _ name: String, _ cache: FileCache, as local: String? = nil, namespace: String = ""
    ) throws -> String {
        let path = "\(scratch.path)/out/\(local ?? name)"
        let transfer = Transfer(TargetRef("mem:///\(name)"), local: path)
        for answer in cache.fetch([transfer], from: store, namespace: namespace, { _ in }) { _ = try answer.get() }
        return String(decoding: try File.read(path), as: UTF8.self)
    }

    private func kept() throws -> Int { try Directory.list(folder).count { $0.name.hasSuffix(".data") } }

    private func onlyPath(_ ending: String) throws -> String {
        let names = try Directory.list(folder).map(\.name).filter { $0.hasSuffix(ending) }
        try #require(names.count == 1)
        return "\(folder)/\(names[0])"
    }

    @Test func whatWasFetchedIsNotFetchedAgain() throws {
        try write("a", "content")
        let cache = try cache()
        #expect(try fetch("a", cache) == "content")
        let reads = store.calls(.read)
        #expect(try fetch("a", cache) == "content")
        #expect(try fetch("a", cache, as: "b") == "content")
        #expect(store.calls(.read) == reads)
        #expect(try FileFacts.of(name: "\(scratch.path)/out/a").inode == FileFacts.of(name: "\(scratch.path)/out/b").inode)
        #expect(try Directory.list("\(scratch.path)/out").map(\.name) == ["a", "b"])
    }

    @Test func severalOfOneFileAreFetchedOnce() throws {
        try write("a", "content")
        let transfers = (0..<3).map { Transfer(TargetRef("mem:///a"), local: "\(scratch.path)/out/\($0)") }
        var told: [TransferProgress] = []
        let answers = try cache().fetch(transfers, from: store, namespace: "") { told.append($0) }
        #expect(try answers.map { try $0.get().size } == [7, 7, 7])
        #expect(store.calls(.read) <= 2)
        #expect(told.last == TransferProgress(bytesDone: 21, bytesTotal: 21, filesDone: 3, filesTotal: 3))
        #expect(try Directory.list("\(scratch.path)/out").map(\.name) == ["0", "1", "2"])
    }

    @Test func theStoreDecides() throws {
        try write("a", "old")
        let cache = try cache()
        try fetch("a", cache)
        try write("a", "new")
        #expect(try fetch("a", cache) == "new")
        #expect(try kept() == 1)
        store.inject(.refuse(StorageError(.transient, "down")), on: .stat)
        #expect(throws: StorageError(.transient, "down")) { try fetch("a", cache) }
        try store.delete(TargetRef("mem:///a")).get()
        #expect(throws: StorageError.self) { try fetch("a", cache) }
        #expect(throws: StorageError.self) { try fetch("nothing", cache) }
    }

    @Test func sizesAloneAreComparedWhereAskedFor() throws {
        try write("a", "old")
        let cache = try cache(1 << 20, .size)
        try fetch("a", cache)
        try write("a", "new")
        #expect(try fetch("a", cache) == "old")
        try write("a", "newer")
        #expect(try fetch("a", cache) == "newer")
    }

    @Test func checksumsAreCompared() throws {
        try write("a", "old")
        let cache = try cache(1 << 20, .checksum)
        try fetch("a", cache)
        let reads = store.calls(.read)
        try write("a", "old")  // at another time
        #expect(try fetch("a", cache) == "old" && store.calls(.read) == reads)
        try write("a", "new")
        #expect(try fetch("a", cache) == "new")
        // the same size and time, another content
        let path = try onlyPath(".data")
        let time = try FileFacts.of(name: path).modified
        try damage(path, "nEw", time)
        #expect(try fetch("a", cache) == "new")
        store.inject(.refuse(StorageError(.transient, "down")), on: .checksum)
        #expect(throws: StorageError(.transient, "down")) { try fetch("a", cache) }
    }

    @Test func storesWithoutChecksumsAreComparedByTime() throws {
        try write("a", "old")
        let cache = try cache(1 << 20, .checksum)
        store.inject(.refuse(StorageError(.unsupported, "none")), on: .checksum, times: 100)
        try fetch("a", cache)
        let reads = store.calls(.read)
        #expect(try fetch("a", cache) == "old" && store.calls(.read) == reads)
        try write("a", "new")
        #expect(try fetch("a", cache) == "new")
    }

    @Test func whatWasUsedLeastRecentlyGoes() throws {
        let cache = try cache(25)
        for name in ["a", "b"] {
            try write(name, "0123456789")
            try fetch(name, cache)
        }
        try age(of: "a", 2, cache)
        try age(of: "b", 1, cache)
        try fetch("a", cache)
        try write("c", "0123456789")
        #expect(try fetch("c", cache) == "0123456789")
        #expect(try kept() == 2)
        let reads = store.calls(.read)
        try fetch("a", cache)
        #expect(store.calls(.read) == reads)
        #expect(try fetch("b", cache) == "0123456789")
        #expect(store.calls(.read) > reads)
        // what was handed out stays
        #expect(try File.read("\(scratch.path)/out/c").count == 10)
    }

    @Test func whatNeverFitsIsFetchedPast() throws {
        let cache = try cache(9)
        try write("small", "123")
        try fetch("small", cache)
        try write("large", "0123456789")
        #expect(try fetch("large", cache) == "0123456789")
        #expect(try kept() == 1)
        // five files of four bytes: never more than two at once
        let names = (0..<5).map { "m\($0)" }
        for name in names { try write(name, "1234") }
        let transfers = names.map { Transfer(TargetRef("mem:///\($0)"), local: "\(scratch.path)/out/\($0)") }
        var most = 0
        for answer in cache.fetch(transfers, from: store, namespace: "", { _ in most = max(most, bytesKept()) }) {
            #expect(try answer.get().size == 4)
        }
        #expect(most <= 9)
        #expect(try kept() == 2)
    }

    @Test func storesAreToldApart() throws {
        try write("a", "content")
        let cache = try cache(1 << 20, .size)
        try fetch("a", cache, namespace: "here")
        let reads = store.calls(.read)
        try fetch("a", cache, namespace: "there")
        #expect(store.calls(.read) > reads)
        #expect(try kept() == 2)
    }

    // MARK: damage, and those who mean it

    @Test func damagedContentsAreNoticed() throws {
        try write("a", "content")
        let cache = try cache(1 << 20, .size)
        for damaged in ["CONTENT", "cont", "content and more"] {
            try fetch("a", cache)
            try damage(try onlyPath(".data"), damaged, nil)
            #expect(try fetch("a", cache) == "content")
        }
        for note in ["", "{}", "[1]", "{\"size\":\"7\"}", String(repeating: "x", count: 100_000)] {
            try fetch("a", cache)
            try File.replace(try onlyPath(".note"), with: Array(note.utf8))
            #expect(try fetch("a", cache) == "content")
            #expect(try kept() == 1)
        }
    }

    @Test(arguments: [".data", ".note"]) func linksAreNotFollowed(ending: String) throws {
        try write("a", "content")
        let victim = "\(scratch.path)/victim"
        try File.replace(victim, with: Array("precious".utf8))
        let cache = try cache(1 << 20, .size)
        try fetch("a", cache)
        let path = try onlyPath(ending)
        try File.remove(path)
        #expect(symlink(victim, path) == 0)
        #expect(try fetch("a", cache) == "content")
        #expect(try File.read(victim) == Array("precious".utf8))
        // a folder, and a pipe that nobody writes to
        let later = try onlyPath(ending)
        try File.remove(later)
        try Directory.make("\(later)/sub")
        #expect(symlink(scratch.path, "\(later)/sub/up") == 0)
        #expect(try fetch("a", cache) == "content")
        try File.remove(try onlyPath(ending))
        #expect(mkfifo(later, 0o600) == 0)
        #expect(try fetch("a", cache) == "content")
        #expect(try File.read(victim) == Array("precious".utf8))
    }

    @Test func foldersOfOthersAreRefused() throws {
        try Directory.make("\(scratch.path)/cache")
        try Directory.make("\(scratch.path)/elsewhere")
        #expect(symlink("\(scratch.path)/elsewhere", folder) == 0)
        #expect(throws: StorageError.self) { try cache() }
        try File.remove(folder)
        try Directory.make(folder)
        #expect(chmod(folder, 0o777) == 0)
        #expect(throws: StorageError.self) { try cache() }
        #expect(chmod(folder, 0o700) == 0)
        #expect(throws: Never.self) { try cache() }
    }

    @Test func locationsDoNotBecomePaths() throws {
        let name = "../../x\u{1}/\(String(repeating: "y", count: 300))"
        let key = Transfer(TargetRef("mem:///\(name)"), local: "\(scratch.path)/out/x")
        let answers = try cache().fetch([key], from: store, namespace: "../", { _ in })
        #expect(throws: StorageError.self) { try answers[0].get() }
        #expect(try Directory.list(scratch.path).map(\.name) == ["cache", "out"])
    }

    @Test func leftoversAreRemoved() throws {
        try write("a", "content")
        let cache = try cache()
        try fetch("a", cache)
        try Directory.make("\(folder)/incoming-1-abandoned")
        try File.replace("\(folder)/incoming-1-abandoned/lock", with: [])
        try File.replace("\(folder)/incoming-1-abandoned/half.part", with: [1, 2, 3])
        try Directory.make("\(folder)/incoming-2-held")
        let held = try File.openAppending("\(folder)/incoming-2-held/lock")
        #expect(try FileLock.take(held))
        let orphan = "\(folder)/\(String(repeating: "ab", count: 32)).data"
        try File.replace(orphan, with: [1])
        try write("b", "other")
        try fetch("b", cache)
        let turns = ["cd", "ef"].map { "\(folder)/\(String(repeating: $0, count: 32)).busy" }
        for path in turns { try File.replace(path, with: []) }
        let turn = try File.openAppending(turns[1])
        #expect(try FileLock.take(turn))
        try write("c", "third")
        try fetch("c", cache)
        #expect(try turns.map { try FileFacts.ifThere($0) != nil } == [false, true])
        let names = try Directory.list(folder).map(\.name).filter { $0.hasPrefix("incoming") }
        #expect(names == ["incoming-2-held"])
        #expect(try FileFacts.ifThere(orphan) == nil)
    }

    // MARK: helpers of this suite

    private func bytesKept() -> Int {
        do {
            return try Directory.list(folder).filter { $0.name.hasSuffix(".data") }
                .reduce(0) { try $0 + Int(FileFacts.of(name: "\(folder)/\($1.name)").size) }
        } catch {
            return Int.max
        }
    }

    /// Changes a file in place.
    private func damage(_ path: String, _ text: String, _ time: Int64?) throws {
        #expect(chmod(path, 0o644) == 0)
        let fd = open(path, O_WRONLY | O_TRUNC)
        #expect(fd >= 0 && Glibc.write(fd, text, text.utf8.count) == text.utf8.count)
        close(fd)
        if let time { try File.setModified(path, time) } else { try File.setModified(path, 1_000_000_000) }
    }

    /// Lets a content's last use lie so many hours back.
    private func age(of name: String, _ hours: Int64, _ cache: FileCache) throws {
        let inode = try FileFacts.of(name: "\(scratch.path)/out/\(name)").inode
        for entry in try Directory.list(folder) where entry.name.hasSuffix(".data") {
            guard try FileFacts.of(name: "\(folder)/\(entry.name)").inode == inode else { continue }
            let note = "\(folder)/\(entry.name.dropLast(".data".count)).note"
            try File.setModified(note, SystemClock().wall() - hours * 3_600_000_000_000)
        }
    }
}
