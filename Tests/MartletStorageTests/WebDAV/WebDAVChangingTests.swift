import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Synchronization
import Testing

@testable import MartletStorage

/// Files that get their names, and are removed; directories.
@Suite struct WebDAVChangingTests: DAVScript {
    // MARK: commit

    private func commit(_ server: RudeServer, _ options: String = "\"retries\": 0") throws -> Result<Void, StorageError> {
        try store(server, options).commit(target(server, "/d/.x.tmp"), as: target(server, "/d/x y"))
    }

    @Test func aDirectoryIsNeverReplaced() throws {
        let server = server { request in
            switch (request.method, request.headers["overwrite"]) {
            case ("MOVE", "F"): .send(answer("412 There is something"))
            case ("PROPFIND", _): Self.multistatus(Self.directory("/d/x%20y/"))
            default: .send(answer("204 Done"))
            }
        }
        defer { server.stop() }
        #expect(kind(try commit(server)) == .unsupported)
        #expect(methods(server) == ["PROPFIND", "MOVE", "PROPFIND"])
        #expect(server.requests[1].headers["destination"] == "\(server.url)/d/x%20y")
    }

    @Test func aFileIsReplaced() throws {
        let server = server { request in
            switch (request.method, request.headers["overwrite"]) {
            case ("MOVE", "F"): .send(answer("412 There is something"))
            case ("PROPFIND", _): Self.multistatus(Self.file("/d/x%20y"))
            default: .send(answer("204 Done"))
            }
        }
        defer { server.stop() }
        #expect(kind(try commit(server)) == nil)
        #expect(server.requests.last?.headers["overwrite"] == "T")
    }

    @Test func aMoveWhoseAnswerWasLostIsNotAFailure() throws {
        let server = RudeServer { request in
            switch (request.method, request.number) {
            case ("MOVE", 1): [.reset]
            case ("MOVE", _): [.send(answer("404 Gone"))]
            case (_, 0): [.takeBody, Self.multistatus(Self.file(request.path))]
            default: [.takeBody, request.path == "/d/x%20y" ? Self.multistatus(Self.file(request.path)) : .send(answer("404 Gone"))]
            }
        }
        defer { server.stop() }
        #expect(kind(try commit(server, "\"retries\": 3")) == nil)
        #expect(methods(server) == ["PROPFIND", "MOVE", "MOVE", "PROPFIND", "PROPFIND"])
    }

    /// As servers do who look at the destination before the source.
    @Test(arguments: [7, 8]) func aMoveWhoseAnswerWasLostIsNotAnObstacleToItself(size: Int) throws {
        let server = RudeServer { request in
            switch (request.method, request.number) {
            case ("PUT", _): [.takeBody, .send(answer("201 Created"))]
            case ("HEAD", _): [.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")]
            case ("MOVE", 2): [.reset]
            case ("MOVE", _): [.send(answer(request.headers["overwrite"] == "F" ? "412 There it is" : "404 Gone"))]
            case ("DELETE", _): [.send(answer("404 Gone"))]
            default: [.takeBody, request.path == "/d/x" ? Self.multistatus(Self.file("/d/x", size: size)) : .send(answer("404 Gone"))]
            }
        }
        defer { server.stop() }
        let scratch = try ScratchDirectory("dav")
        scratch.write("x", "content")
        let transfer = Transfer(target(server, "/d/x"), local: "\(scratch.path)/x")
        let stored = try store(server, "\"retries\": 3").store(transfer)
        // another size is another's file, and what became of ours is not known
        #expect(kind(stored) == (size == 7 ? nil : .transient))
        #expect(methods(server).filter { $0 == "MOVE" }.count == 3)
    }

    @Test func aFileThatIsNamedAsItselfStays() throws {
        let server = server { _ in .send(answer("405 No")) }
        defer { server.stop() }
        #expect(kind(try store(server).commit(target(server, "/d/x"), as: target(server, "/d/x"))) == .unsupported)
        #expect(server.requests.isEmpty)
    }

    @Test func aMoveThatFailedWithinItsAnswerIsAFailure() throws {
        let server = server { request in
            if request.method == "PROPFIND" { return Self.multistatus(Self.file(request.path)) }
            return Self.multistatus("<D:response><D:href>/d/x%20y</D:href><D:status>HTTP/1.1 507 Full</D:status></D:response>")
        }
        defer { server.stop() }
        #expect(kind(try commit(server)) == .full)
    }

    @Test func withoutMoveTheContentIsSentUnderItsName() throws {
        let there = Mutex<[String: [UInt8]]>(["/d/.x.tmp": Array("content".utf8)])
        let server = RudeServer { request in
            switch request.method {
            case "MOVE": return [.send(answer("501 What"))]
            case "GET": return [.send(answer("200 OK", [], "content"))]
            case "PUT":
                there.withLock { $0[request.path] = Array("content".utf8) }
                return [.takeBody, .send(answer("201 Created"))]
            case "DELETE":
                there.withLock { $0[request.path] = nil }
                return [.send(answer("204 Gone"))]
            default:
                let known = there.withLock { $0[request.path] }
                return [.takeBody, known.map { Self.multistatus(Self.file(request.path, size: $0.count)) } ?? .send(answer("404 No"))]
            }
        }
        defer { server.stop() }
        #expect(kind(try commit(server)) == nil)
        #expect(there.withLock { Set($0.keys) } == ["/d/x%20y"])
        #expect(server.requests.first { $0.method == "PUT" }?.body == Array("content".utf8))
    }

    // MARK: delete and mkdir

    @Test func aDeleteWhoseAnswerWasLostIsNotAFailure() throws {
        let server = RudeServer { request in
            switch (request.method, request.number) {
            case ("DELETE", 1): [.reset]
            case ("DELETE", _): [.send(answer("404 Gone"))]
            default: [.takeBody, Self.multistatus(Self.file("/d/x"))]
            }
        }
        defer { server.stop() }
        #expect(kind(try store(server, "\"retries\": 3").delete(target(server, "/d/x"))) == nil)
    }

    @Test func aDirectoryWithContentIsNotDeleted() throws {
        let server = server { request in
            if request.method == "DELETE" { return .send(answer("204 All gone")) }
            return Self.multistatus(Self.directory("/d/") + (request.headers["depth"] == "1" ? Self.file("/d/x") : ""))
        }
        defer { server.stop() }
        #expect(kind(try store(server).delete(target(server, "/d"))) == .unsupported)
        #expect(!methods(server).contains("DELETE"))
    }

    @Test func aServerThatNeverMakesDirectoriesIsBelievedInTheEnd() throws {
        let server = server { $0.method == "MKCOL" ? .send(answer("409 Above")) : .send(answer("404 Nothing")) }
        defer { server.stop() }
        #expect(kind(try store(server).mkdir(target(server, "/a/b/c"))) == .absent)
        #expect(server.requests.count < 20)
    }
}
