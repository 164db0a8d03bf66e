import Glibc
import MartletPorts
import MartletTesting
import Synchronization
import Testing

@testable import MartletStorage

/// A client, and a server that is rude to it as its script says.
@Suite struct HTTPClientTests {
    private func client(_ change: (inout ConnectionSettings) -> Void = { _ in }) -> HTTPClient {
        var settings = ConnectionSettings()
        settings.retries.firstPause = 0.001
        settings.connectLimit = 5
        change(&settings)
        return HTTPClient(settings)
    }

    private func get(_ server: RudeServer, _ path: String = "/x") -> HTTPRequest {
        HTTPRequest("GET", HTTPURL(server.url + path)!)
    }

    private func error(_ result: Result<HTTPResponse, StorageError>) -> StorageError? {
        if case .failure(let error) = result { return error }
        return nil
    }

    private func body(_ result: Result<HTTPResponse, StorageError>) -> String? {
        if case .success(let response) = result { return String(decoding: response.body, as: UTF8.self) }
        return nil
    }

    // MARK: many at once

    @Test func thousandsOfRequestsUseAFewConnectionsAndComeInOrder() {
        let server = RudeServer { [.send(answer("200 OK", [], "answer to \($0.path)"))] }
        defer { server.stop() }
        let results = client { $0.parallel = 8 }.perform((0..<3000).map { get(server, "/\($0)") })
        #expect(results.count == 3000)
        for (i, result) in results.enumerated() { #expect(body(result) == "answer to /\(i)") }
        #expect(Set(server.requests.map(\.connection)).count <= 8)
    }

    @Test func aConnectionIsUsedAgainByTheNextCall() {
        let server = RudeServer { _ in [.send(answer("200 OK"))] }
        defer { server.stop() }
        let client = client()
        for _ in 0..<5 { #expect(body(client.perform([get(server)])[0]) == "") }
        #expect(Set(server.requests.map(\.connection)) == [0])
    }

    @Test func noMoreAreUnderWayToAServerThanItMayHave() {
        let most = Mutex((now: 0, ever: 0))
        let server = RudeServer { _ in
            most.withLock { $0.now += 1; $0.ever = max($0.ever, $0.now) }
            poll(nil, 0, 2)
            most.withLock { $0.now -= 1 }
            return [.send(answer("200 OK"))]
        }
        defer { server.stop() }
        _ = client { $0.perHost = 3 }.perform((0..<60).map { _ in get(server) })
        #expect(most.withLock { $0.ever } <= 3)
        #expect(most.withLock { $0.ever } > 1)
    }

    // MARK: what is tried again

    @Test func overloadIsTriedAgainAndTheServersWordIsKept() {
        let server = RudeServer { request in
            [.send(request.number < 2 ? answer("503 Busy", ["Retry-After: 0"]) : answer("200 OK", [], "at last"))]
        }
        defer { server.stop() }
        let result = client().perform([get(server)])[0]
        #expect(body(result) == "at last")
        if case .success(let response) = result { #expect(response.attempts == 3) }
    }

    @Test func triesAreBounded() {
        let server = RudeServer { _ in [.send(answer("503 Busy", [], "<h1>Busy</h1>\n<p>Try</p>\n later"))] }
        defer { server.stop() }
        let error = error(client().perform([get(server)])[0])
        #expect(error == StorageError(.transient, "GET \(server.url)/x: 503 Busy: Try later"))
        #expect(server.requests.count == 4)
    }

    @Test func aServerThatAsksForTooMuchPatienceIsNotAskedAgain() {
        let server = RudeServer { _ in [.send(answer("503 Busy", ["Retry-After: 86400"]))] }
        defer { server.stop() }
        #expect(error(client().perform([get(server)])[0])?.kind == .transient)
        #expect(server.requests.count == 1)
    }

    @Test func aConnectionThatIsResetIsTriedAgainButNotForAPost() {
        let server = RudeServer { request in
            request.number == 0 ? [.takeBody, .reset] : [.takeBody, .send(answer("200 OK", [], request.method))]
        }
        defer { server.stop() }
        #expect(body(client().perform([get(server)])[0]) == "GET")
        let other = RudeServer { _ in [.takeBody, .reset] }
        defer { other.stop() }
        let post = HTTPRequest("POST", HTTPURL(other.url + "/x")!, body: .bytes([1]))
        #expect(error(client().perform([post])[0])?.kind == .transient)
        #expect(other.requests.count == 1)
    }

    @Test func anAnswerThatIsNoHTTPIsTransient() {
        let server = RudeServer { _ in [.send("SSH-2.0-OpenSSH_9.2\r\n"), .close] }
        defer { server.stop() }
        #expect(error(client().perform([get(server)])[0])?.kind == .transient)
    }

    @Test func aServerThatSaysNothingIsTransient() {
        let server = RudeServer { _ in [.hang] }
        defer { server.stop() }
        let client = client {
            $0.idleLimit = 1
            $0.retries.tries = 1
        }
        #expect(error(client.perform([get(server)])[0])?.kind == .transient)
    }

    @Test func aSlowTrickleIsAwaitedAndATimeLimitIsKept() {
        let server = RudeServer { _ in [.trickle(answer("200 OK", [], "drop by drop"), 5), .close] }
        defer { server.stop() }
        #expect(body(client { $0.idleLimit = 1 }.perform([get(server)])[0]) == "drop by drop")
        let slow = RudeServer { _ in [.trickle(answer("200 OK", [], "drop by drop"), 500), .close] }
        defer { slow.stop() }
        var request = get(slow)
        request.timeLimit = 0.1
        #expect(error(client { $0.retries.tries = 2 }.perform([request])[0])?.kind == .transient)
        #expect(slow.requests.count == 2)
    }

    @Test func aDeadServerIsNotAskedForEveryRequest() {
        let server = RudeServer { _ in [] }
        server.stop()
        let alive = RudeServer { _ in [.send(answer("200 OK"))] }
        defer { alive.stop() }
        let requests = (0..<2000).map { i in i % 100 == 0 ? get(alive) : get(server, "/\(i)") }
        let results = client().perform(requests)
        for (i, result) in results.enumerated() {
            if i % 100 == 0 { #expect(body(result) == "") } else { #expect(error(result)?.kind == .transient) }
        }
        #expect(error(results[1])?.message.contains("GET \(server.url)/1: ") == true)
        #expect(error(results[1999])?.message.contains("GET \(server.url)/1999: ") == true)
    }

    @Test func aNameThatNobodyKnowsIsTransient() {
        let request = HTTPRequest("GET", HTTPURL("http://no-such-host.invalid/x")!)
        let error = error(client().perform([request])[0])
        #expect(error?.kind == .transient, "\(error?.message ?? "")")
    }

    // MARK: statuses

    @Test(arguments: [
        (404, StorageError.Class.absent), (410, .absent), (401, .denied), (403, .denied), (407, .denied), (413, .full),
        (507, .full), (408, .transient), (423, .transient), (429, .transient), (500, .transient), (502, .transient),
        (503, .transient), (504, .transient), (599, .transient), (400, .unsupported), (405, .unsupported),
        (409, .unsupported), (412, .unsupported), (416, .unsupported), (501, .unsupported), (304, .unsupported),
    ])
    func statusesAreClassed(status: Int, kind: StorageError.Class) {
        let server = RudeServer { _ in [.send(answer("\(status) Said"))] }
        defer { server.stop() }
        let client = client { $0.retries.tries = 1 }
        #expect(error(client.perform([get(server)])[0])?.kind == kind)
        var request = get(server)
        request.expected = .successOr([status])
        if case .success(let response) = client.perform([request])[0] { #expect(response.status == status) } else {
            Issue.record("\(status) was wanted")
        }
    }

    @Test func whateverIsSaidInTheEndCanBeAsked() {
        let server = RudeServer { _ in [.send(answer("500 Oh", [], "<Code>SlowDown</Code>"))] }
        defer { server.stop() }
        var request = get(server)
        request.expected = .any
        let result = client().perform([request])[0]
        #expect(body(result) == "<Code>SlowDown</Code>")
        #expect(server.requests.count == 4)
    }

    @Test func largeAnswersAreRefusedWhereTheyAreNotExpected() {
        let server = RudeServer { _ in [.send(answer("200 OK", [], String(repeating: "x", count: 5000)))] }
        defer { server.stop() }
        var request = get(server)
        request.sink = .memory(limit: 4999)
        #expect(error(client().perform([request])[0])?.kind == .unsupported)
        #expect(server.requests.count == 1)
        request.sink = .memory(limit: 5000)
        #expect(body(client().perform([request])[0])?.count == 5000)
    }

    @Test func aHeadThatDoesNotEndIsRefused() {
        let server = RudeServer { _ in
            [.send("HTTP/1.1 200 OK\r\n" + String(repeating: "X-Noise: \(String(repeating: "x", count: 1000))\r\n", count: 400)), .hang]
        }
        defer { server.stop() }
        #expect(error(client { $0.idleLimit = 2 }.perform([get(server)])[0])?.kind == .transient)
    }

    // MARK: files

    @Test func aBodyGoesIntoAFileAndGoesOnWhereItBrokeOff() throws {
        let scratch = try ScratchDirectory("http")
        let content = String((0..<1000).map { Character(UnicodeScalar(UInt8(33 + $0 % 90))) })
        let server = RudeServer { request in
            let head = ["ETag: \"one\"", "Accept-Ranges: bytes"]
            guard let range = request.headers["range"] else {
                return [.send("HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 1000\r\n\r\n" + content.prefix(300)), .close]
            }
            guard request.headers["if-range"] == "\"one\"" else { return [.send(answer("400 No If-Range"))] }
            let start = Int(range.dropFirst(6).dropLast())!
            if start < 600 {
                let head = "HTTP/1.1 206 Part\r\nETag: \"one\"\r\nContent-Range: bytes \(start)-999/1000\r\n"
                return [.send(head + "Content-Length: \(1000 - start)\r\n\r\n" + content.dropFirst(start).prefix(300)), .close]
            }
            return [.send(answer("206 Part", head + ["Content-Range: bytes \(start)-999/1000"], String(content.dropFirst(start))))]
        }
        defer { server.stop() }
        var request = get(server)
        request.sink = .file(path: "\(scratch.path)/file")
        let last = Mutex(HTTPProgress())
        let result = client().perform([request]) { progress in last.withLock { $0 = progress } }
        #expect(error(result[0]) == nil)
        #expect(scratch.text("file") == content)
        #expect(server.requests.count == 3)
        #expect(last.withLock { $0 } == HTTPProgress(sent: 0, received: 1000, ended: 1))
    }

    @Test func aContentThatChangedMeanwhileStartsAnew() throws {
        let scratch = try ScratchDirectory("http")
        let server = RudeServer { request in
            request.number == 0
                ? [.send("HTTP/1.1 200 OK\r\nETag: \"one\"\r\nContent-Length: 100\r\n\r\n" + String(repeating: "a", count: 50)), .close]
                : [.send(answer("200 OK", ["ETag: \"two\""], "short"))]
        }
        defer { server.stop() }
        var request = get(server)
        request.sink = .file(path: "\(scratch.path)/file")
        #expect(error(client().perform([request])[0]) == nil)
        #expect(scratch.text("file") == "short")
    }

    @Test(arguments: [["ETag: W/\"weak\""], []])
    func withoutAStrongValidatorItStartsAnew(headers: [String]) throws {
        let scratch = try ScratchDirectory("http")
        let server = RudeServer { request in
            let head = (["HTTP/1.1 200 OK"] + headers + ["Content-Length: 10"]).joined(separator: "\r\n")
            if request.headers["range"] != nil { return [.send(answer("500 Range"))] }
            return request.number == 0 ? [.send(head + "\r\n\r\n01234"), .close] : [.send(head + "\r\n\r\n0123456789")]
        }
        defer { server.stop() }
        var request = get(server)
        request.sink = .file(path: "\(scratch.path)/file")
        #expect(error(client().perform([request])[0]) == nil)
        #expect(scratch.text("file") == "0123456789")
    }

    @Test func aTruncatedBodyIsCorruptInTheEnd() throws {
        let scratch = try ScratchDirectory("http")
        let server = RudeServer { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"), .close] }
        defer { server.stop() }
        var request = get(server)
        request.sink = .file(path: "\(scratch.path)/file")
        #expect(error(client().perform([request])[0])?.kind == .corrupt)
        #expect(server.requests.count == 4)
    }

    @Test func aDiskThatIsFullIsSaidAtOnce() {
        let server = RudeServer { _ in [.send(answer("200 OK", [], "x"))] }
        defer { server.stop() }
        var request = get(server)
        request.sink = .file(path: "/dev/full")
        #expect(error(client().perform([request])[0])?.kind == .full)
        #expect(server.requests.count == 1)
    }

    // MARK: bodies and redirections

    @Test func aBodyIsSentOnlyToTheServerThatItIsSentOnTo() throws {
        let scratch = try ScratchDirectory("http")
        let content = String(repeating: "content ", count: 100_000)
        scratch.write("file", content)
        let data = RudeServer { _ in [.takeBody, .send(answer("201 Created"))] }
        defer { data.stop() }
        let there = data.url
        let door = RudeServer { _ in [.send(answer("307 There", ["Location: \(there)/pool?uuid=1"]))] }
        defer { door.stop() }
        var request = HTTPRequest("PUT", HTTPURL(door.url + "/x")!)
        request.body = .file(path: "\(scratch.path)/file", count: UInt64(content.utf8.count))
        request.expectsContinue = true
        request.headers["Authorization"] = "Bearer secret-token"
        let result = client().perform([request])[0]
        #expect(error(result) == nil)
        #expect(data.requests.map(\.path) == ["/pool?uuid=1"])
        #expect(data.requests.map(\.method) == ["PUT"])
        #expect(String(decoding: data.requests[0].body, as: UTF8.self) == content)
        #expect(data.requests[0].headers["authorization"] == nil)
        #expect(door.requests[0].headers["authorization"] == "Bearer secret-token")
        #expect(door.requests[0].headers["expect"] == "100-continue")
    }

    @Test func aBodyThatWasSentToTheDoorIsSentAgain() {
        let data = RudeServer { _ in [.takeBody, .send(answer("201 Created"))] }
        defer { data.stop() }
        let there = data.url
        let door = RudeServer { _ in [.takeBody, .send(answer("302 There", ["Location: \(there)/y"]))] }
        defer { door.stop() }
        let request = HTTPRequest("PUT", HTTPURL(door.url + "/x")!, body: .bytes(Array("abc".utf8)))
        #expect(error(client().perform([request])[0]) == nil)
        #expect(data.requests[0].body == Array("abc".utf8))
    }

    @Test func aRefusalBeforeTheBodyHasBeenReadIsHeard() {
        let server = RudeServer { _ in [.send("HTTP/1.1 507 Full\r\nConnection: close\r\nContent-Length: 5\r\n\r\nquota"), .close] }
        defer { server.stop() }
        var request = HTTPRequest("PUT", HTTPURL(server.url + "/x")!, body: .bytes([UInt8](repeating: 7, count: 4 << 20)))
        request.expectsContinue = true
        #expect(error(client().perform([request])[0]) == StorageError(.full, "PUT \(server.url)/x: 507 Full: quota"))
        #expect(server.requests.count == 1)
    }

    @Test func credentialsStayWithTheirServerAndRedirectionsEnd() {
        let server = RudeServer { request in
            request.path == "/end"
                ? [.send(answer("200 OK", [], request.headers["authorization"] ?? "none"))]
                : [.send(answer("302 On", ["Location: \(request.path == "/x" ? "/end" : request.path)"]))]
        }
        defer { server.stop() }
        var request = get(server)
        request.headers["Authorization"] = "Bearer t"
        #expect(body(client().perform([request])[0]) == "Bearer t")
        let loop = client().perform([get(server, "/loop")])[0]
        #expect(error(loop)?.kind == .unsupported)
        #expect(server.requests.count == 2 + RequestRun.mostRedirections + 1)
    }

    // MARK: who asks

    private final class Renewing: RequestAuthorizer, Sendable {
        let tokens = Mutex(["old-token", "new-token"])
        func authorize(_ request: inout HTTPRequest) {
            let token = tokens.withLock { $0[0] }
            request.headers["Authorization"] = "Bearer \(token)"
            request.secrets = [token]
        }
        func renews(after response: HTTPResponse, to request: HTTPRequest) -> Bool {
            tokens.withLock { if $0.count > 1 { $0.removeFirst() } }
            return true
        }
    }

    @Test func afterARefusalCredentialsAreReadAgainOnce() {
        let server = RudeServer { request in
            request.headers["authorization"] == "Bearer new-token"
                ? [.send(answer("200 OK", [], "welcome"))] : [.send(answer("401 Who"))]
        }
        defer { server.stop() }
        let renewing = Renewing()
        #expect(body(client().perform([get(server)], authorizing: renewing)[0]) == "welcome")
        let deaf = RudeServer { request in
            [.send(answer("401 Who", [], "your header \(request.headers["authorization"] ?? "") is old"))]
        }
        defer { deaf.stop() }
        let error = error(client().perform([get(deaf)], authorizing: renewing)[0])
        #expect(error == StorageError(.denied, "GET \(deaf.url)/x: 401 Who: your header Bearer [secret] is old"))
        #expect(deaf.requests.count == 2)
    }

    @Test func aHeaderCannotSmuggleAnother() {
        let server = RudeServer { _ in [.send(answer("200 OK"))] }
        defer { server.stop() }
        var request = get(server)
        request.headers["Authorization"] = "Bearer x\r\nX-Evil: 1"
        #expect(error(client().perform([request])[0])?.kind == .unsupported)
        #expect(server.requests.isEmpty)
    }

    @Test func queriesAreLeftOutOfMessages() {
        let server = RudeServer { _ in [.send(answer("404 Nothing"))] }
        defer { server.stop() }
        let error = error(client().perform([get(server, "/x?signature=secret")])[0])
        #expect(error == StorageError(.absent, "GET \(server.url)/x: 404 Nothing"))
    }
}
