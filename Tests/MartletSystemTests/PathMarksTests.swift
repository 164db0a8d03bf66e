import Glibc
import MartletSystem
import MartletTesting
import Testing

@Suite struct PathMarksTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("marks") }

    private func mark(_ path: String, _ marks: inout PathMarks) -> UInt64 {
        Array(path.utf8).withUnsafeBytes { marks.mark(of: $0) }
    }

    @Test func spellingsOfAPathAreOne() throws {
        var marks = PathMarks()
        let here = try Directory.current()
        let plain = mark("out/a.root", &marks)
        for same in ["./out/a.root", "out//a.root", "out/./a.root", "\(here)/out/a.root", "//\(here)//out/a.root"] {
            #expect(mark(same, &marks) == plain, "\(same)")
        }
        for other in ["out/b.root", "outa.root", "/out/a.root", "out/a.root/x", "ou/ta.root", "a.root", ""] {
            #expect(mark(other, &marks) != plain, "\(other)")
        }
    }

    @Test func linksToDirectoriesAreFollowed() throws {
        var marks = PathMarks()
        try Directory.make("\(scratch.path)/real/sub")
        #expect(symlink("real", "\(scratch.path)/link") == 0)
        let plain = mark("\(scratch.path)/real/sub/a", &marks)
        for same in ["link/sub/a", "link//sub/./a", "link/../real/sub/a", "link/sub/../sub/a"] {
            #expect(mark("\(scratch.path)/\(same)", &marks) == plain, "\(same)")
        }
        // what is not there yet is taken by its name, behind a link too
        #expect(mark("\(scratch.path)/link/new/b", &marks) == mark("\(scratch.path)/real/new/b", &marks))
        #expect(mark("\(scratch.path)/link/new/b", &marks) != mark("\(scratch.path)/new/b", &marks))
    }

    @Test func beyondTheMostDirectoriesNamesCount() {
        var marks = PathMarks()
        let numbers = Set((0..<PathMarks.mostDirectories + 500).map { mark("/nowhere/\($0)/a", &marks) })
        #expect(numbers.count == PathMarks.mostDirectories + 500)
        #expect(mark("/nowhere/\(PathMarks.mostDirectories + 100)//a", &marks) == mark("/nowhere/\(PathMarks.mostDirectories + 100)/a", &marks))
    }
}
