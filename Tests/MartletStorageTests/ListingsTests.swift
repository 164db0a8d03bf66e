import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import Testing

@testable import MartletStorage

@Suite struct ListingsTests {
    /// A folder with files `0`, `2`, `4`, …, a link to one and a link to nowhere, removed at the end.
    private func withFolder(_ count: Int, _ body: (String) throws -> Void) throws {
        let folder = "/tmp/martlet-listings-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        try Directory.make(folder)
        defer { #expect(system("rm -rf \(folder)") == 0) }
        for n in 0..<count { _ = try File.openNew("\(folder)/\(2 * n)") }
        #expect(symlink("\(folder)/0", "\(folder)/link") == 0 && symlink("\(folder)/no", "\(folder)/dangling") == 0)
        try body(folder)
    }

    private func age(_ folder: String, seconds: Int) {
        var times = [timespec(), timespec()]
        clock_gettime(CLOCK_REALTIME, &times[0])
        times[0].tv_sec -= seconds
        times[1] = times[0]
        #expect(utimensat(AT_FDCWD, folder, times, 0) == 0)
    }

    private func names(_ folder: String, _ count: Int) -> [String] {
        (0..<count).map { "\(folder)/\($0)" } + ["link", "dangling", ".", "..", ""].map { "\(folder)/\($0)" }
    }

    private func agree(_ listings: Listings, _ paths: [String]) {
        let one = StatMany.status(of: paths).map { status in
            if case .success = status { return Existence.there } else { return Existence.absent }
        }
        #expect(listings.look(paths) == one)
    }

    @Test func aListingAnswersAsEachPathWould() throws {
        try withFolder(300) { folder in
            for old in [false, true] {
                let listings = Listings()
                if old { age(folder, seconds: 10) }
                for _ in 0..<2 { agree(listings, names(folder, 600)) }
                // whatever happens to the folder in between is seen
                #expect(unlink("\(folder)/4") == 0)
                agree(listings, names(folder, 600))
                _ = try File.openNew("\(folder)/4")
                agree(listings, names(folder, 600))
                #expect(unlink("\(folder)/4") == 0)
                _ = try File.openNew("\(folder)/4")
            }
        }
    }

    @Test func aLargeFolderIsNotListedForAFew() throws {
        try withFolder(3000) { folder in
            age(folder, seconds: 10)
            let short = try DirectoryNames(folder, most: 400)
            #expect(short == nil)
            let listings = Listings()
            for _ in 0..<12 { agree(listings, names(folder, 100)) }
            #expect(listings.look(names(folder, 6000)).filter { $0 == .there }.count == 3004)
        }
    }

    /// What is written into a folder between two looks makes neither of them wrong, or ever more expensive.
    @Test func aFolderThatGrowsMeanwhile() throws {
        try withFolder(0) { folder in
            age(folder, seconds: 10)
            let listings = Listings()
            for round in 0..<20 {
                let next = (100 * round..<100 * (round + 1)).map { "\(folder)/\($0)" }
                agree(listings, next)
                for path in next { _ = try File.openNew(path) }
                agree(listings, next)
            }
        }
    }

    @Test func severalFoldersInOneGo() throws {
        try withFolder(100) { one in
            try withFolder(100) { other in
                let mixed = zip(names(one, 200), names(other, 200)).flatMap { [$0, $1] }
                agree(Listings(), mixed + ["\(one)/nowhere/x", "\(one)//2", "\(one)/./2", "/dev/null"])
            }
        }
    }

    @Test func inAFolderThatIsNotThereIsNothing() {
        let paths = (0..<200).map { "/tmp/martlet-no-such-folder/\($0)" }
        #expect(Listings().look(paths).allSatisfy { $0 == .absent })
        let below = (0..<200).map { "/dev/null/\($0)" }
        #expect(Listings().look(below).allSatisfy { $0 == .absent })
    }
}
