import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Synchronization
import Testing

@testable import MartletStorage

/// WebDAV's back end, and servers that lie, lose and refuse. What it does with a good one is in python/tests/storage.
@Suite struct WebDAVStorageTests {
    /// A store whose settings count for one server.
    private func store(_ server: RudeServer, _ options: String = "\"retries\": 0") throws -> WebDAVStorage {
        WebDAVStorage(StoreSettings(try JSON.parse("[{\"url\": \"\(server.url)\", \(options)}]")))
    }

    private func target(_ server: RudeServer, _ path: String) -> TargetRef { TargetRef(server.url + path) }

    private func kind<T>(_ result: Result<T, StorageError>) -> StorageError.Class? {
        if case .failure(let error) = result { return error.kind }
        return nil
    }

    private static func file(_ href: String, size: Int = 1) -> String {
        "<D:response><D:href>\(href)</D:href><D:propstat><D:prop><D:resourcetype/><D:getcontentlength>\(size)</D:getcontentlength>"
            + "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    }

    private static func directory(_ href: String) -> String {
        "<D:response><D:href>\(href)</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop>"
            + "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    }

    private static func multistatus(_ responses: String) -> RudeServer.Deed {
        .send(answer("207 Multi", [], "<D:multistatus xmlns:D=\"DAV:\">\(responses)</D:multistatus>"))
    }

    /// A server that takes every body first.
    private func server(_ script: @escaping @Sendable (RudeServer.Request) -> RudeServer.Deed) -> RudeServer {
        RudeServer { [.takeBody, script($0)] }
    }

    private func methods(_ server: RudeServer) -> [String] { server.requests.map(\.method) }

    // MARK: looking

    private func names(_ server: RudeServer, _ count: Int) -> [TargetRef] { (0..<count).map { target(server, "/dir/\($0)") } }

    @Test func aDirectoryIsListedOnceAPlanning() throws {
        let server = server { _ in
            Self.multistatus(Self.directory("/dir/") + (0..<300).filter { $0 % 3 != 0 }.map { Self.file("/dir/\($0)") }.joined())
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
        for _ in 0..<2 { #expect(store.look(names(server, 300), while: nil) == expected) }
        #expect(server.requests.count == 4)
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
        #expect(methods(server).filter { $0 == "PROPFIND" }.count <= 2)
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
        #expect(methods(server) == ["MOVE", "PROPFIND"])
        #expect(server.requests[0].headers["destination"] == "\(server.url)/d/x%20y")
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
            case ("MOVE", 0): [.reset]
            case ("MOVE", _): [.send(answer("404 Gone"))]
            default: [.takeBody, Self.multistatus(Self.file("/d/x%20y"))]
            }
        }
        defer { server.stop() }
        #expect(kind(try commit(server, "\"retries\": 3")) == nil)
        #expect(methods(server) == ["MOVE", "MOVE", "PROPFIND"])
    }

    @Test func aMoveThatFailedWithinItsAnswerIsAFailure() throws {
        let server = server { _ in
            Self.multistatus("<D:response><D:href>/d/x%20y</D:href><D:status>HTTP/1.1 507 Full</D:status></D:response>")
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

    // MARK: transfers

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
        #expect(methods(server) == ["MOVE", "PROPFIND", "MOVE", "MOVE", "MOVE"])
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

    // MARK: tokens

    @Test func aTokenIsReadAgainWhenItsFileChangesAndWhenItIsRefused() throws {
        let scratch = try ScratchDirectory("dav")
        scratch.write("token", "first-token\n")
        let path = "\(scratch.path)/token"
        let server = server { request in
            switch request.headers["authorization"] {
            case "Bearer second-token": return Self.multistatus(Self.file("/x"))
            default:
                // the token is renewed while the request is on its way
                try! File.replace(path, with: Array("second-token".utf8))
                return .send(answer("401 Expired"))
            }
        }
        defer { server.stop() }
        let store = try store(server, "\"token_file\": \"\(path)\", \"retries\": 0")
        #expect(kind(store.stat(target(server, "/x"))) == nil)
        #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer first-token", "Bearer second-token"])
        scratch.write("token", "third-token")
        let refused = store.stat(target(server, "/x"))
        #expect(server.requests[2].headers["authorization"] == "Bearer third-token")
        // the script has renewed it once more
        #expect(kind(refused) == nil)
    }

    @Test func whatTheStoreIsAskedWithIsToldWithoutTheSecret() throws {
        let server = server { _ in .send(answer("403 No")) }
        defer { server.stop() }
        let answered = try store(server, "\"token\": \"secret-token\"").stat(target(server, "/x"))
        guard case .failure(let error) = answered else { Issue.record("it was not refused"); return }
        #expect(error == StorageError(.denied, "PROPFIND \(server.url)/x: 403 No (asked with the token of the settings)"))
        #expect(server.requests.count == 1)
    }

    // MARK: settings and names

    @Test(arguments: ["\"parallel\": \"many\"", "\"checksum\": \"crc99\"", "\"user\": \"doe\"", "\"timeout\": -1", "\"token\": 3"])
    func settingsThatCannotBeAreRefused(options: String) throws {
        let server = server { _ in .send(answer("200 OK")) }
        defer { server.stop() }
        let kind = kind(try store(server, options).stat(target(server, "/x")))
        #expect(kind == .unsupported || kind == .denied)
        #expect(server.requests.isEmpty)
    }

    @Test func eachNameIsEncodedAsItself() throws {
        let server = server { _ in .send(answer("404 Nothing")) }
        defer { server.stop() }
        let store = try store(server)
        for name in ["a b", "100%", "%41", "x#y", "what?", "é", "a&b=c;d", "-rf", "'\"`$(x)", "\\", "~", "😀"] {
            #expect(kind(store.stat(target(server, "/d/\(name)"))) == .absent)
            #expect(PercentEncoding.decoded(server.requests.last!.path) == "/d/\(name)")
        }
        let count = server.requests.count
        for name in ["../x", "a/../../x", "a\nb", "a\u{0}b"] {
            #expect(kind(store.stat(target(server, "/d/\(name)"))) == .unsupported)
            #expect(kind(store.put([1], besides: target(server, "/d/\(name)"))) == .unsupported)
            #expect(kind(store.delete(target(server, "/d/\(name)"))) == .unsupported)
        }
        #expect(server.requests.count == count)
    }
}
