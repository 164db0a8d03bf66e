import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Synchronization
import Testing

@testable import MartletStorage

/// Files on their way there and back.
@Suite struct WebDAVTransferTests: DAVScript {
    private func fetch(
        _ server: RudeServer, _ scratch: ScratchDirectory, _ options: String = "\"retries\": 0"
    ) throws -> Result<FileStatus, StorageError> {
        let transfer = Transfer(target(server, "/x"), local: "\(scratch.path)/x", partial: "\(scratch.path)/x.part")
        return try store(server, options).fetch([transfer]) { _ in }[0]
    }

    private func nameList(_ scratch: ScratchDirectory) throws -> [String] { try Directory.list(scratch.path).map(\.name) }

    private func serving(_ headers: [String], size: Int = 9) -> RudeServer {
        server { request in
            request.method == "PROPFIND"
                ? Self.multistatus(Self.file("/x", size: size)) : .send(answer("200 OK", headers, "Wikipedia"))
        }
    }

    @Test(arguments: [
        "Digest: adler32=11e60398", "Digest: md5=nhBlL1WMJ2KsUWKxRXsN+A==", "OC-Checksum: ADLER32:11e60398",
        "Digest: crc99=1", "X-Nothing: 1",
    ])
    func whatComesIsCompared(header: String) throws {
        let server = serving([header])
        defer { server.stop() }
        let scratch = try ScratchDirectory("dav")
        let isMD5 = header.contains("md5")
        // the digest of MD5 is of another text
        #expect(kind(try fetch(server, scratch)) == (isMD5 ? .corrupt : nil))
        #expect(try nameList(scratch) == (isMD5 ? [] : ["x"]))
        #expect(server.requests.last?.headers["want-digest"]?.hasPrefix("adler32") == true)
    }

    @Test func anotherDigestOrSizeIsCorrupt() throws {
        for (headers, size, options) in [
            (["Digest: adler32=11e60399"], 9, "\"retries\": 0"), ([], 10, "\"retries\": 0"),
            (["Digest: adler32=11e60399"], 9, "\"checksum\": \"adler32\""),
        ] {
            let server = serving(headers, size: size)
            defer { server.stop() }
            let scratch = try ScratchDirectory("dav")
            #expect(kind(try fetch(server, scratch, options)) == .corrupt)
            #expect(try nameList(scratch) == [])
        }
    }

    @Test func aDigestThatIsWantedMustBeThereAndOneThatIsNotIsNotCompared() throws {
        let silent = serving([])
        defer { silent.stop() }
        let scratch = try ScratchDirectory("dav")
        #expect(kind(try fetch(silent, scratch, "\"checksum\": \"md5\"")) == .unsupported)
        let wrong = serving(["Digest: adler32=11e60399"])
        defer { wrong.stop() }
        #expect(kind(try fetch(wrong, scratch, "\"checksum\": \"none\"")) == nil)
    }

    @Test func progressIsOfAllServersTogether() throws {
        let servers = [serving([]), serving([])]
        defer { for server in servers { server.stop() } }
        let scratch = try ScratchDirectory("dav")
        let settings = "[{\"url\": \"\(servers[0].url)\", \"parallel\": 3}]"
        let store = WebDAVStorage(StoreSettings(try JSON.parse(settings)))
        let places = servers.map { $0.url + "/x" } + ["http://host/../x"]
        let transfers = places.enumerated().map {
            Transfer(TargetRef($1), local: "\(scratch.path)/\($0)", partial: "\(scratch.path)/\($0).part")
        }
        let told = Mutex<[TransferProgress]>([])
        let answers = store.fetch(transfers) { now in told.withLock { $0.append(now) } }
        #expect(answers.map { kind($0) } == [nil, nil, .unsupported])
        let all = told.withLock { $0 }
        #expect(all.last == TransferProgress(bytesDone: 18, bytesTotal: 18, filesDone: 3, filesTotal: 3))
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.bytesDone <= $1.bytesDone && $0.filesDone <= $1.filesDone })
    }

    /// A server that keeps what it is given, but for what a test changes.
    private func keeping(_ change: @escaping @Sendable (RudeServer.Request) -> RudeServer.Deed?) -> RudeServer {
        server { request in
            if let deed = change(request) { return deed }
            switch request.method {
            case "PUT", "MKCOL", "MOVE": return .send(answer("201 Created"))
            case "HEAD": return .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nDigest: adler32=11e60398\r\n\r\n")
            case "DELETE": return .send(answer("204 Gone"))
            default: return Self.multistatus(Self.file(request.path, size: 9))
            }
        }
    }

    private func send(_ server: RudeServer) throws -> Result<FileStatus, StorageError> {
        let scratch = try ScratchDirectory("dav")
        scratch.write("x", "Wikipedia")
        return try store(server).store(Transfer(target(server, "/d/x"), local: "\(scratch.path)/x"))
    }

    @Test func aFileIsComparedBeforeItHasItsName() throws {
        let server = keeping { _ in nil }
        defer { server.stop() }
        #expect(try send(server).get().size == 9)
        #expect(methods(server) == ["PUT", "HEAD", "MOVE", "PROPFIND"])
        #expect(server.requests[0].path.hasPrefix("/d/.x.martlet-") && server.requests[0].path.hasSuffix(".tmp"))
        #expect(server.requests[0].headers["expect"] == "100-continue")
        #expect(server.requests[0].body == Array("Wikipedia".utf8))
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nDigest: adler32=11e60399\r\n\r\n",
    ])
    func whatArrivedOtherwiseNeverHasItsName(head: String) throws {
        let server = keeping { $0.method == "HEAD" ? .send(head) : nil }
        defer { server.stop() }
        #expect(kind(try send(server)) == .corrupt)
        #expect(methods(server) == ["PUT", "HEAD", "DELETE"])
    }

    @Test(arguments: [409, 404]) func aDirectoryThatLacksIsMade(status: Int) throws {
        let server = keeping { request in
            request.method == "PUT" && request.number == 0 ? .send(answer("\(status) Above")) : nil
        }
        defer { server.stop() }
        #expect(try send(server).get().size == 9)
        #expect(methods(server) == ["PUT", "MKCOL", "PUT", "HEAD", "MOVE", "PROPFIND"])
    }

    @Test func aStoreThatTakesNothingIsNotSentEverything() throws {
        let server = keeping { $0.method == "PUT" ? .send(answer("503 Later")) : nil }
        defer { server.stop() }
        let scratch = try ScratchDirectory("dav")
        scratch.write("x", "Wikipedia")
        let transfers = (0..<300).map { Transfer(target(server, "/d/\($0)"), local: "\(scratch.path)/x") }
        let answers = try store(server).store(transfers) { _ in }
        #expect(answers.allSatisfy { kind($0) == .transient })
        #expect(methods(server).count { $0 == "PUT" } < 100)
    }

    /// As XRootD 5.5 does: what is in a Destination is the name.
    @Test func aNameThatAServerDidNotDecodeIsPutRight() throws {
        let there = Mutex<Set<String>>([])
        let server = server { request in
            let plain = PercentEncoding.decoded(request.path)!
            switch request.method {
            case "MOVE":
                let place = String(request.headers["destination"]!.dropFirst("http://127.0.0.1:".count).drop { $0 != "/" })
                there.withLock { $0.remove(plain); $0.insert(place) }
                return .send(answer("201 Unknown", ["Server: XrootD/v5.5.3"]))
            default:
                return there.withLock { $0.contains(plain) } ? Self.multistatus(Self.file(request.path)) : .send(answer("404 No"))
            }
        }
        defer { server.stop() }
        let store = try store(server)
        for name in ["a b", "plain", "m=125%"] {
            there.withLock { _ = $0.insert("/d/.tmp") }
            #expect(kind(store.commit(target(server, "/d/.tmp"), as: target(server, "/d/\(name)"))) == nil)
        }
        #expect(there.withLock { $0 } == ["/d/a b", "/d/plain", "/d/m=125%"])
        let moved = ["PROPFIND", "MOVE"]
        #expect(methods(server) == moved + ["PROPFIND", "MOVE"] + moved + moved)
    }

    @Test func aFullStoreSaysSo() throws {
        let server = keeping { $0.method == "PUT" ? .send(answer("507 Quota")) : nil }
        defer { server.stop() }
        #expect(kind(try send(server)) == .full)
        #expect(methods(server) == ["PUT", "DELETE"])
    }

    @Test func aFailedMoveLeavesNothing() throws {
        let server = keeping { $0.method == "MOVE" ? .send(answer("403 No")) : nil }
        defer { server.stop() }
        #expect(kind(try send(server)) == .denied)
        #expect(methods(server).last == "DELETE")
    }
}
