import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Synchronization
import Testing

@testable import MartletStorage

/// Servers without MOVE, to which files are sent under their own names: what was there before stays, what arrived in part
/// goes.
@Suite struct DirectStoreTests: DAVScript {
    /// What the server has, by path, with the size of each.
    private final class Files: Sendable {
        let sizes = Mutex<[String: Int]>([:])
    }

    /// - Parameter put: what it does with a file that is sent; nil to keep it whole.
    private func server(
        _ files: Files, put: @escaping @Sendable (RudeServer.Request) -> RudeServer.Deed? = { _ in nil },
        move: @escaping @Sendable (RudeServer.Request) -> String = { _ in "405 No" }
    ) -> RudeServer {
        RudeServer { request in
            switch request.method {
            case "MOVE": return [.takeBody, .send(answer(move(request)))]
            case "PUT":
                if let deed = put(request) { return [.takeBody, deed] }
                files.sizes.withLock { $0[request.path] = 9 }
                return [.takeBody, .send(answer("201 Created"))]
            case "DELETE":
                files.sizes.withLock { $0[request.path] = nil }
                return [.takeBody, .send(answer("204 Gone"))]
            case "HEAD":
                let size = files.sizes.withLock { $0[request.path] }
                return [.send(size.map { "HTTP/1.1 200 OK\r\nContent-Length: \($0)\r\n\r\n" } ?? answer("404 No"))]
            default:
                let size = files.sizes.withLock { $0[request.path] }
                return [.takeBody, size.map { Self.multistatus(Self.file(request.path, size: $0)) } ?? .send(answer("404 No"))]
            }
        }
    }

    private func send(
        _ server: RudeServer, _ store: WebDAVStorage, _ path: String = "/d/x"
    ) throws -> Result<FileStatus, StorageError> {
        let scratch = try ScratchDirectory("dav")
        scratch.write("x", "Wikipedia")
        return store.store(Transfer(TargetRef(server.url + path), local: "\(scratch.path)/x"))
    }

    @Test(arguments: ["507 Full", "403 No", "503 Later"])
    func aServerThatRefusesKeepsWhatItHad(words: String) throws {
        let files = Files(), refuses = Mutex(false)
        let server = server(files) { _ in refuses.withLock { $0 } ? .send(answer(words)) : nil }
        defer { server.stop() }
        let store = try store(server)
        #expect(kind(try send(server, store)) == nil)
        refuses.withLock { $0 = true }
        #expect(kind(try send(server, store)) != nil)
        #expect(files.sizes.withLock { $0 } == ["/d/x": 9])
    }

    @Test func whatArrivedInPartGoes() throws {
        let files = Files(), breaks = Mutex(false)
        let server = server(files) { request in
            guard breaks.withLock({ $0 }) else { return nil }
            files.sizes.withLock { $0[request.path] = 4 }
            return .send(answer("201 Created"))
        }
        defer { server.stop() }
        let store = try store(server)
        #expect(kind(try send(server, store, "/d/first")) == nil)
        breaks.withLock { $0 = true }
        #expect(kind(try send(server, store)) == .corrupt)
        #expect(files.sizes.withLock { $0 } == ["/d/first": 9])
    }

    @Test func theFirstFileThatArrivesInPartGoesToo() throws {
        let files = Files()
        let server = server(files) { request in
            // the temporary file is whole, what is sent under the name is not
            if request.path.hasSuffix(".tmp") { return nil }
            files.sizes.withLock { $0[request.path] = 4 }
            return .send(answer("201 Created"))
        }
        defer { server.stop() }
        #expect(kind(try send(server, try store(server))) == .corrupt)
        #expect(files.sizes.withLock { $0 } == [:])
    }

    @Test func aCommittedFileIsThereThoughTheServerShowsItLater() throws {
        let server = RudeServer { request in
            switch request.method {
            case "HEAD": return [.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")]
            case "PUT", "MOVE": return [.takeBody, .send(answer("201 Created"))]
            default: return [.takeBody, .send(answer("404 Not yet"))]
            }
        }
        defer { server.stop() }
        #expect(try send(server, try store(server)).get().size == 9)
        #expect(!server.requests.map(\.method).contains("DELETE"))
    }

    /// Which files were sent under their own names, by the directory.
    private func direct(_ server: RudeServer) -> [String] {
        server.requests.filter { $0.method == "PUT" && !$0.path.hasSuffix(".tmp") }.map(\.path)
    }

    @Test func oneCollectionWithoutMoveIsNoneElsewhere() throws {
        let files = Files()
        let server = server(files, move: { $0.path.hasPrefix("/closed/") ? "405 Not here" : "201 Created" })
        defer { server.stop() }
        let store = try store(server)
        for path in ["/closed/x", "/open/x", "/closed/y", "/open/y"] { _ = try send(server, store, path) }
        #expect(direct(server) == ["/closed/x", "/closed/y"])
        #expect(server.requests.filter { $0.method == "MOVE" }.count == 3)
    }

    @Test func aServerWithoutMoveIsFoundOutInTheEnd() throws {
        for (words, moves) in [("405 No", 2), ("501 What", 1)] {
            let server = server(Files(), move: { _ in words })
            defer { server.stop() }
            let store = try store(server)
            for number in 0..<5 { _ = try send(server, store, "/d\(number)/x") }
            #expect(server.requests.filter { $0.method == "MOVE" }.count == moves)
        }
    }
}
