import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Synchronization
import Testing

@testable import MartletStorage

/// What is there, by listings and without them.
@Suite struct WebDAVLookingTests: DAVScript {
    // MARK: looking

    private func names(_ server: RudeServer, _ count: Int) -> [TargetRef] { (0..<count).map { target(server, "/dir/\($0)") } }

    @Test func aDirectoryIsListedOnceAPlanning() throws {
        let server = server { request in
            if request.headers["depth"] == "0" { return .send(answer("404 Nothing")) }
            return Self.multistatus(
                Self.directory("/dir/") + (0..<300).filter { $0 % 3 != 0 }.map { Self.file("/dir/\($0)") }.joined())
        }
        defer { server.stop() }
        let store = try store(server)
        let expected = (0..<300).map { $0 % 3 != 0 ? Existence.there : .absent }
        let planning = PlanningID.fresh()
        #expect(store.look(names(server, 300), while: planning) == expected)
        #expect(store.look(names(server, 300), while: planning) == expected)
        #expect(server.requests.count == 1)
        #expect(server.requests[0].headers["depth"] == "1" && server.requests[0].path == "/dir/")
        #expect(store.look(names(server, 300), while: .fresh()) == expected)
        #expect(server.requests.count == 2)
        // outside of a planning what was not listed is asked for by itself
        for round in 1...2 {
            #expect(store.look(names(server, 300), while: nil) == expected)
            #expect(server.requests.count == 2 + round * 101)
        }
    }

    @Test func afterATaskAListingThatLagsIsNotBelieved() throws {
        let server = server { request in
            if request.headers["depth"] == "1" { return Self.multistatus(Self.directory("/dir/") + Self.file("/dir/0")) }
            return request.path == "/dir/7" ? Self.multistatus(Self.file("/dir/7")) : .send(answer("404 Nothing"))
        }
        defer { server.stop() }
        let store = try store(server)
        let planned = store.look(names(server, 10), while: .fresh())
        #expect(planned == (0..<10).map { $0 == 0 ? Existence.there : .absent })
        #expect(server.requests.count == 1)
        let after = store.look(names(server, 10), while: nil)
        #expect(after == (0..<10).map { $0 == 0 || $0 == 7 ? Existence.there : .absent })
    }

    @Test func severalDirectoriesAreListedAtOnce() throws {
        let together = Mutex((now: 0, most: 0))
        let server = RudeServer { request in
            together.withLock { $0.now += 1; $0.most = max($0.most, $0.now) }
            poll(nil, 0, 20)
            together.withLock { $0.now -= 1 }
            return [.takeBody, Self.multistatus(Self.directory(request.path) + Self.file(request.path + "5"))]
        }
        defer { server.stop() }
        let targets = (0..<10).flatMap { d in (0..<20).map { target(server, "/d\(d)/\($0)") } }
        let seen = try store(server).look(targets, while: .fresh())
        #expect(seen == (0..<200).map { $0 % 20 == 5 ? Existence.there : .absent })
        #expect(server.requests.count == 10)
        #expect(together.withLock { $0.most } > 1)
    }

    @Test(arguments: [
        answer("503 Busy"), answer("500 Oh"), answer("207 Multi", [], "<html>log in</html>"), answer("207 Multi", [], ""),
        answer("200 OK", [], "<html>log in</html>"), "nonsense\r\n\r\n",
    ])
    func whatCannotBeListedIsUnknown(said: String) throws {
        let server = RudeServer { _ in [.takeBody, .send(said), .close] }
        defer { server.stop() }
        for existence in try store(server).look(names(server, 20), while: .fresh()) {
            guard case .unknown(let error) = existence else { Issue.record("\(existence)"); continue }
            #expect(error.kind == .transient)
        }
    }

    @Test func aDeadServerIsUnknown() throws {
        let server = RudeServer { _ in [] }
        server.stop()
        for existence in try store(server).look(names(server, 200), while: .fresh()) {
            guard case .unknown(let error) = existence else { Issue.record("\(existence)"); continue }
            #expect(error.kind == .transient)
        }
    }

    @Test func inADirectoryThatIsNotThereNothingIs() throws {
        let server = server { _ in .send(answer("404 Nothing")) }
        defer { server.stop() }
        #expect(try store(server).look(names(server, 20), while: .fresh()) == [Existence](repeating: .absent, count: 20))
        #expect(server.requests.count == 1)
    }

    @Test func whoMayNotListMayStillKnowAFile() throws {
        let server = server { request in
            if request.headers["depth"] == "1" { return .send(answer("403 No lists")) }
            return request.path == "/dir/7" ? Self.multistatus(Self.file("/dir/7")) : .send(answer("404 Nothing"))
        }
        defer { server.stop() }
        let seen = try store(server).look(names(server, 20), while: .fresh())
        #expect(seen == (0..<20).map { $0 == 7 ? Existence.there : .absent })
    }

    @Test func whatAListingWouldNotTellIsUnknown() throws {
        let server = server { _ in
            Self.multistatus(
                Self.directory("/dir/") + "<D:response><D:href>/dir/1</D:href><D:status>HTTP/1.1 403 No</D:status></D:response>"
                    + "<D:response><D:href>/dir/2</D:href><D:status>HTTP/1.1 404 No</D:status></D:response>")
        }
        defer { server.stop() }
        let seen = try store(server).look(names(server, 5), while: .fresh())
        #expect(seen[0] == .absent && seen[2] == .absent)
        guard case .unknown(let error) = seen[1] else { Issue.record("\(seen[1])"); return }
        #expect(error.kind == .denied)
    }

    // MARK: plain HTTP

    @Test func aServerOfPlainHTTPIsAskedByHead() throws {
        let server = server { request in
            if request.method == "PROPFIND" { return .send(answer("405 What")) }
            if request.path == "/there" { return .send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n") }
            return .send(answer("404 Nothing"))
        }
        defer { server.stop() }
        let store = try store(server)
        let seen = store.stat([target(server, "/there"), target(server, "/gone")])
        #expect(seen[0] == .success(FileStatus(size: 7, modified: 784_111_777_000_000_000, isDirectory: false)))
        #expect(kind(seen[1]) == .absent)
        #expect(store.look(names(server, 10), while: .fresh()) == [Existence](repeating: .absent, count: 10))
        #expect(methods(server).filter { $0 == "PROPFIND" }.count <= 3)
        #expect(kind(store.list(target(server, "/dir"))) == .unsupported)
    }

    @Test func aServerThatIgnoresRangesIsReadAllTheSame() throws {
        let server = server { _ in .send(answer("200 OK", [], "0123456789")) }
        defer { server.stop() }
        let store = try store(server)
        #expect(store.read(target(server, "/x"), offset: 3, count: 4) == .success(Array("3456".utf8)))
        #expect(store.read(target(server, "/x"), offset: 8, count: 40) == .success(Array("89".utf8)))
        #expect(store.read(target(server, "/x"), offset: 80, count: 40) == .success([]))
    }

    /// As XRootD 5.5 does.
    @Test func aServerThatPromisesMoreThanThereIsIsAskedForWhatThereIs() throws {
        let server = RudeServer { request in
            if request.method == "PROPFIND" { return [.takeBody, Self.multistatus(Self.file("/x", size: 10))] }
            let range = request.headers["range"]!.dropFirst(6).split(separator: "-").map { Int($0)! }
            let count = range[1] - range[0] + 1
            let part = String("0123456789".dropFirst(range[0]).prefix(count))
            let head = "HTTP/1.1 206 Part\r\nContent-Range: bytes \(range[0])-\(range[1])/10\r\nContent-Length: \(count)\r\n\r\n"
            return part.count == count ? [.send(head + part)] : [.send(head + part), .close]
        }
        defer { server.stop() }
        let store = try store(server)
        for (offset, count, expected) in [(8, 40, "89"), (10, 5, ""), (3, 4, "3456"), (9, 5, "9")] {
            #expect(store.read(target(server, "/x"), offset: UInt64(offset), count: count) == .success(Array(expected.utf8)))
        }
        #expect(server.requests.map(\.method) == ["GET", "PROPFIND", "GET", "PROPFIND", "PROPFIND", "GET", "PROPFIND", "GET"])
    }

    @Test func anotherPartThanWasAskedForIsCorrupt() throws {
        let server = server { _ in .send(answer("206 Part", ["Content-Range: bytes 0-3/10"], "0123")) }
        defer { server.stop() }
        #expect(kind(try store(server).read(target(server, "/x"), offset: 3, count: 4)) == .corrupt)
    }
}
