import Glibc
import MartletSystem
import MartletTesting
import Testing

@Suite struct FileTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("system") }

    @Test func appendsAndReads() throws {
        let path = "\(scratch.path)/a"
        for word in ["one", "two"] { try File.writeAll(File.openAppending(path), Array(word.utf8)) }
        #expect(try File.read(path) == Array("onetwo".utf8))
        #expect(try File.read(path, offset: 2, count: 2) == Array("et".utf8))
        #expect(try File.read(path, offset: 4, count: 100) == Array("wo".utf8))
        #expect(try File.read(path, offset: 400, count: 100).isEmpty)
        let taken = #expect(throws: SystemError.self) { try File.openAppending(path, exclusive: true) }
        #expect(taken == SystemError(EEXIST, "open", path))
        #expect(try !File.read("/proc/self/stat").isEmpty)
    }

    @Test func manyAreRemovedAtOnce() throws {
        let paths = (0..<300).map { "\(scratch.path)/\($0)" }
        for path in paths { try File.replace(path, with: [1]) }
        try Directory.make("\(scratch.path)/empty")
        try Directory.make("\(scratch.path)/full/inner")
        let others = ["absent", "empty", "full"].map { "\(scratch.path)/\($0)" }
        let left = RemoveMany.remove(paths + others)
        #expect(left.count == 303 && left[..<300].allSatisfy { $0 == nil })
        #expect(left[300...].map { $0?.code } == [ENOENT, nil, ENOTEMPTY])
        #expect(try Directory.list(scratch.path).map(\.name) == ["full"])
        #expect(RemoveMany.remove([]).isEmpty)
    }

    @Test func bigFilesInPieces() throws {
        let path = "\(scratch.path)/big"
        let content = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try File.replace(path, with: content, durable: true)
        var seen: [UInt8] = []
        try File.readPieces(path) { seen.append(contentsOf: $0) }
        #expect(seen == content)
        #expect(try File.read(path) == content)
    }

    @Test func replacingLeavesNothingBehind() throws {
        let path = "\(scratch.path)/a"
        try File.replace(path, with: [1])
        try File.replace(path, with: [2])
        #expect(try File.read(path) == [2])
        try Directory.make("\(scratch.path)/d")
        #expect(throws: SystemError.self) { try File.replace("\(scratch.path)/d", with: [3]) }
        #expect(try Directory.list(scratch.path).map(\.name) == ["a", "d"])
    }

    @Test func temporaryNamesAreBesideHiddenShortAndDifferent() {
        let long = "/some/dir/" + String(repeating: "ä", count: 125)
        for path in ["/some/dir/a.root", "a.root", long] {
            let name = File.temporaryName(besides: path)
            #expect(Directory.parent(of: name) == Directory.parent(of: path))
            let last = name.split(separator: "/").last ?? ""
            #expect(last.hasPrefix(".") && last.hasSuffix(".tmp") && last.utf8.count <= 255)
            #expect(name != File.temporaryName(besides: path))
        }
    }

    @Test func directoriesAreMadeWithTheirParents() throws {
        let deep = "\(scratch.path)/a/b/c"
        try Directory.make(deep)
        try Directory.make(deep)
        try Directory.make(deep + "/")
        #expect(Directory.isDirectory(deep))
        try File.replace("\(deep)/f", with: [])
        let error = #expect(throws: SystemError.self) { try Directory.make("\(deep)/f/g") }
        #expect(error?.code == ENOTDIR)
        #expect(throws: SystemError.self) { try Directory.make("\(deep)/f") }
    }

    @Test(arguments: [
        ("/a/b/c", "/a/b"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b//", "a"), ("a//b", "a"), ("", "."),
    ])
    func parents(path: String, parent: String) {
        #expect(Directory.parent(of: path) == parent)
    }

    @Test func listingIsSortedAndFollowsLinks() throws {
        try Directory.make("\(scratch.path)/d")
        for name in ["b", "a", "B", "é"] { try File.replace("\(scratch.path)/\(name)", with: []) }
        symlink("d", "\(scratch.path)/link")
        symlink("none", "\(scratch.path)/dangling")
        let entries = try Directory.list(scratch.path)
        #expect(entries.map(\.name) == ["B", "a", "b", "d", "dangling", "link", "é"])
        #expect(entries.filter(\.isDirectory).map(\.name) == ["d", "link"])
        let error = #expect(throws: SystemError.self) { try Directory.list("\(scratch.path)/none") }
        #expect(error?.code == ENOENT)
    }

    @Test(arguments: [0, 1, 256, 257, 5000]) func statMany(count: Int) throws {
        try File.replace("\(scratch.path)/there", with: [1, 2, 3])
        let paths = (0..<count).map { i in
            switch i % 4 {
            case 0: "\(scratch.path)/there"
            case 1: "\(scratch.path)/absent-\(i)"
            case 2: "\(scratch.path)"
            default: "\(scratch.path)/there/below"
            }
        }
        let answers = StatMany.status(of: paths)
        #expect(answers.count == count)
        for (i, answer) in answers.enumerated() {
            switch (i % 4, answer) {
            case (0, .success(let status)): #expect(status.size == 3 && !status.isDirectory && status.modified > 0)
            case (1, .failure(let error)): #expect(error == SystemError(ENOENT, "stat", paths[i]))
            case (2, .success(let status)): #expect(status.isDirectory)
            case (3, .failure(let error)): #expect(error.code == ENOTDIR)
            default: Issue.record("path \(i): \(answer)")
            }
        }
        let raw = paths.map { UnsafePointer<CChar>(strdup($0)!) }
        defer { for pointer in raw { free(UnsafeMutableRawPointer(mutating: pointer)) } }
        let codes = raw.withUnsafeBufferPointer { StatMany.presence(of: $0) }
        #expect(codes == (0..<count).map { [0, ENOENT, 0, ENOTDIR][$0 % 4] })
    }

    /// Whatever folders the paths of one call are in, each is answered as if it were alone.
    @Test func statManyAcrossFolders() throws {
        for folder in ["one", "one/deep", "other"] { try Directory.make("\(scratch.path)/\(folder)") }
        for (i, name) in ["one/a", "one/deep/a", "other/a", "other/b"].enumerated() {
            try File.replace("\(scratch.path)/\(name)", with: [UInt8](repeating: 0, count: i + 1))
        }
        symlink("one", "\(scratch.path)/link")
        let names = [
            "one/a", "one/b", "one/deep/a", "one/deep", "one/a", "other/a", "other/b", "one/a", "one/deep/a", "one/deep/b",
            "link/a", "link/deep/a", "link/", "link/a/", "one//a", "one//b", "none/a", "none/b", "one/a/b", "one/a/c", "one/../other/a",
            "one/..", "one/.", "one/", "one/",
        ].map { "\(scratch.path)/\($0)" } + ["/", "/dev", "/dev/null", "/dev/full", "", "no-such-file", "./no", "./no"]
        let paths = names + names.reversed() + names.shuffled()
        let together = StatMany.status(of: paths)
        for (path, answer) in zip(paths, together) { #expect(StatMany.status(of: [path]) == [answer], "\(path)") }
        #expect(Set(together.compactMap { try? $0.get().size }).isSuperset(of: [1, 2, 3, 4]))
    }

    @Test func noThreadIsLeft() throws {
        // threads of the test runner come and go; ours would be thousands
        for _ in 0..<50 { _ = StatMany.status(of: [String](repeating: scratch.path, count: 2000)) }
        #expect(try Directory.list("/proc/self/task").count < 60)
    }
}
