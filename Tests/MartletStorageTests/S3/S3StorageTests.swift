import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Synchronization
import Testing

@testable import MartletStorage

/// S3 as it is when things go wrong: a server that says what its script says.
@Suite struct S3StorageTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory("s3") }

    /// A store whose bucket `b` lies at a server; `variables` are the environment.
    private func storage(
        _ server: RudeServer?, _ more: [JSONMember] = [],
        variables: [String: String] = ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "very-secret"]
    ) -> S3Storage {
        var options = [JSONMember("url", .string("s3://b")), JSONMember("retries", .integer(1))] + more
        if let server { options.append(JSONMember("endpoint", .string(server.url))) }
        return S3Storage(StoreSettings(.array([.object(options)])), { variables[$0] }, smallestPart: 1)
    }

    private func error<T>(_ result: Result<T, StorageError>) -> StorageError? {
        if case .failure(let error) = result { return error }
        return nil
    }

    private func head(_ size: Int, _ tag: String = "\"x\"", _ more: String = "") -> String {
        "HTTP/1.1 200 OK\r\nETag: \(tag)\r\nLast-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n\(more)Content-Length: \(size)\r\n\r\n"
    }

    private func refusal(_ status: String, _ code: String, _ words: String = "no", _ headers: [String] = []) -> String {
        answer(status, headers, "<?xml version=\"1.0\"?>\n<Error><Code>\(code)</Code><Message>\(words)</Message></Error>")
    }

    private func page(_ keys: [String], prefixes: [String] = [], next: String? = nil) -> String {
        let contents = keys.map {
            "<Contents><Key>\(PercentEncoding.text($0))</Key><Size>5</Size><LastModified>2024-05-01T10:00:00.000Z</LastModified></Contents>"
        }
        let directories = prefixes.map { "<CommonPrefixes><Prefix>\(PercentEncoding.text($0))</Prefix></CommonPrefixes>" }
        let more = next.map { "<IsTruncated>true</IsTruncated><NextContinuationToken>\($0)</NextContinuationToken>" } ?? ""
        return answer(
            "200 OK", [],
            "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>"
                + contents.joined() + directories.joined() + more + "</ListBucketResult>")
    }

    // MARK: looking

    @Test func oneListingADirectoryAnswersForAllThatIsInIt() {
        let server = RudeServer { request in
            let directory = request.path.contains("prefix=d0") ? "d0" : "d1"
            return [.send(page((0..<50).map { "\(directory)/f\($0)" }, prefixes: ["\(directory)/sub/"]))]
        }
        defer { server.stop() }
        let store = storage(server)
        let targets = ["d0", "d1"].flatMap { directory in
            (0..<100).map { TargetRef("s3://b/\(directory)/f\($0)") } + [TargetRef("s3://b/\(directory)/sub")]
        }
        let planning = PlanningID.fresh()
        for _ in 0..<3 {
            let found = store.look(targets, while: planning)
            #expect(found.map { $0 == .there }.filter { $0 }.count == 102)
            #expect(found[49] == .there && found[50] == .absent && found[100] == .there)
        }
        #expect(server.requests.count == 2)
        _ = store.look(targets, while: .fresh())
        #expect(server.requests.count == 4)
        _ = store.look(targets, while: nil)
        #expect(server.requests.count == 6)
    }

    @Test func spellingsOfALetterAreKeptApart() {
        let server = RudeServer { _ in [.send(page(["d/\u{301}a", "d/caf\u{e9}"]))] }
        defer { server.stop() }
        let names = ["caf\u{e9}", "cafe\u{301}", "\u{301}a", "a"]
        let found = storage(server).look(names.map { TargetRef("s3://b/d/\($0)") }, while: nil)
        #expect(found == [.there, .absent, .there, .absent])
        #expect(server.requests.count == 1)
    }

    @Test func directoriesWithManyMoreEntriesAreNotReadToTheirEnd() {
        let server = RudeServer { request in
            if request.method == "HEAD" { return [.send(request.path.hasSuffix("z9") ? head(1) : "HTTP/1.1 404 Not Found\r\n\r\n")] }
            if request.path.contains("max-keys=1&") { return [.send(page([]))] }
            return [.send(page((0..<10).map { "d/a\(request.number)-\($0)" }, next: "again"))]
        }
        defer { server.stop() }
        let names = ["a0-3", "a0-77", "z8", "z9"]
        let found = storage(server).look(names.map { TargetRef("s3://b/d/\($0)") }, while: nil)
        #expect(found == [.there, .absent, .absent, .there])
        #expect(server.requests.filter { $0.method == "HEAD" }.count == 2)
        #expect(server.requests.count == 4)
    }

    @Test func unreachableIsNotAbsent() {
        let down = RudeServer { _ in [.send(refusal("503 Slow Down", "SlowDown"))] }
        defer { down.stop() }
        let closed = RudeServer { request in
            [.send(request.method == "HEAD" ? "HTTP/1.1 403 Forbidden\r\n\r\n" : refusal("403 Forbidden", "AccessDenied"))]
        }
        defer { closed.stop() }
        let lost = RudeServer { request in
            [.send(request.method == "HEAD" ? "HTTP/1.1 404 Not Found\r\n\r\n" : refusal("404 Not Found", "NoSuchBucket"))]
        }
        defer { lost.stop() }
        for (server, kind) in [(down, StorageError.Class.transient), (closed, .denied), (lost, .unsupported)] {
            let store = storage(server)
            for count in [1, 10] {
                for found in store.look((0..<count).map { TargetRef("s3://b/d/\($0)") }, while: nil) {
                    guard case .unknown(let error) = found else {
                        #expect(Bool(false), "\(kind): \(found)")
                        continue
                    }
                    #expect(error.kind == kind)
                }
            }
            #expect(error(store.list([TargetRef("s3://b/d")])[0])?.kind == kind)
            #expect(error(store.delete([TargetRef("s3://b/d/x")])[0])?.kind == kind)
        }
    }

    @Test func answersThatAreNoneAreNotBelieved() {
        for body in ["", "nonsense", "<html>login</html>", "<ListBucketResult><Contents>", "<!DOCTYPE x []><ListBucketResult/>"] {
            let server = RudeServer { _ in [.send(answer("200 OK", [], body))] }
            defer { server.stop() }
            #expect(error(storage(server).list([TargetRef("s3://b/d")])[0])?.kind == .transient, "\(body)")
        }
    }

    // MARK: who asks

    @Test func aClockThatIsOffIsCorrectedOnce() {
        let server = RudeServer { request in
            // the server's clock is at 2030-01-01 00:00
            if request.headers["x-amz-date"]?.hasPrefix("20300101T0") == true { return [.send(head(7))] }
            return [.send("HTTP/1.1 403 Forbidden\r\nDate: Tue, 01 Jan 2030 00:00:00 GMT\r\n\r\n")]
        }
        defer { server.stop() }
        let store = storage(server)
        #expect(throws: Never.self) { try store.stat([TargetRef("s3://b/x")])[0].get() }
        #expect(throws: Never.self) { try store.stat([TargetRef("s3://b/y")])[0].get() }
        #expect(server.requests.count == 3)
    }

    @Test func aClockThatNothingHelpsIsTold() {
        let server = RudeServer { _ in
            [.takeBody, .send(refusal("403 Forbidden", "RequestTimeTooSkewed", "too far", ["Date: Tue, 01 Jan 2030 00:00:00 GMT"]))]
        }
        defer { server.stop() }
        let refused = error(storage(server).list([TargetRef("s3://b/x")])[0])
        #expect(refused?.kind == .denied)
        #expect(refused?.message.contains("clock of this machine is off by") == true)
    }

    @Test func bucketsInOtherRegionsAreFound() {
        let server = RudeServer { request in
            if request.headers["authorization"]?.contains("/eu-central-2/s3/") == true { return [.send(head(7))] }
            return [.send("HTTP/1.1 301 Moved\r\nx-amz-bucket-region: eu-central-2\r\nContent-Length: 0\r\n\r\n")]
        }
        defer { server.stop() }
        let store = storage(server)
        for _ in 0..<2 { #expect(throws: Never.self) { try store.stat([TargetRef("s3://b/x")])[0].get() } }
        #expect(server.requests.count == 3)
    }

    @Test func keysThatWereReplacedAreReadAgain() throws {
        scratch.write("keys", "AKID1:old\n")
        let path = "\(scratch.path)/keys"
        let server = RudeServer { request in
            if request.headers["authorization"]?.contains("Credential=AKID2/") == true { return [.send(page([]))] }
            try! File.replace(path, with: Array("AKID2:new\n".utf8))
            return [.send(refusal("400 Bad Request", "ExpiredToken"))]
        }
        defer { server.stop() }
        let store = storage(server, [JSONMember("key_file", .string(path))])
        #expect(error(store.list([TargetRef("s3://b/x")])[0])?.kind == .absent)
        #expect(server.requests.count == 2)
    }

    @Test func withoutKeysNothingIsAsked() {
        let server = RudeServer { _ in [.send(page(["d/x"]))] }
        defer { server.stop() }
        let refused = error(storage(server, variables: ["HOME": scratch.path]).list([TargetRef("s3://b/d")])[0])
        #expect(refused?.kind == .denied && refused?.message.contains("AWS_ACCESS_KEY_ID") == true)
        #expect(server.requests.isEmpty)
        let anonymous = storage(server, [JSONMember("anonymous", .bool(true))], variables: [:])
        #expect(throws: Never.self) { try anonymous.list([TargetRef("s3://b/d")])[0].get() }
        #expect(server.requests[0].headers["authorization"] == nil)
    }

    @Test func secretsThatTheServerRepeatsAreNotTold() {
        let server = RudeServer { _ in [.send(refusal("403 Forbidden", "SignatureDoesNotMatch", "very-secret and a-token"))] }
        defer { server.stop() }
        let variables = ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "very-secret", "AWS_SESSION_TOKEN": "a-token"]
        let refused = error(storage(server, variables: variables).list([TargetRef("s3://b/d")])[0])
        #expect(refused?.message.contains("SignatureDoesNotMatch") == true)
        #expect(refused?.message.contains("secret ") == false && refused?.message.contains("a-token") == false)
    }

    // MARK: files

    private func fetch(_ store: S3Storage) -> Result<FileStatus, StorageError> {
        store.fetch([Transfer(TargetRef("s3://b/d/x"), local: "\(scratch.path)/x")]) { _ in }[0]
    }

    @Test func contentsThatDifferFromWhatTheStoreSaysAreCorrupt() throws {
        let whole = "\"\(Hex.text(MD5.digest(Array("12345".utf8))))\""
        for (tag, body, kind) in [
            (whole, "12345", nil), (whole, "1234X", StorageError.Class.corrupt), (whole, "1234", .corrupt),
            ("\"not-a-digest\"", "1234X", nil), ("\"not-a-digest\"", "123456", .corrupt),
        ] {
            let server = RudeServer { request in
                [.send(request.method == "HEAD" ? head(5, tag) : answer("200 OK", ["ETag: \(tag)"], body))]
            }
            defer { server.stop() }
            #expect(error(fetch(storage(server)))?.kind == kind, "\(body)")
            #expect(try Directory.list(scratch.path).map(\.name) == (kind == nil ? ["x"] : []))
            if kind == nil { try File.remove("\(scratch.path)/x") }
        }
    }

    @Test func contentsThatChangeMeanwhileAreNotTaken() throws {
        let server = RudeServer { request in
            if request.method == "HEAD" { return [.send(head(5, "\"old\""))] }
            let isAskedFor = request.headers["if-match"] == "\"old\""
            return [.send(isAskedFor ? refusal("412 Precondition Failed", "PreconditionFailed") : answer("200 OK", [], "12345"))]
        }
        defer { server.stop() }
        #expect(error(fetch(storage(server)))?.kind == .transient)
        #expect(try Directory.list(scratch.path).isEmpty)
    }

    /// Takes uploads in parts, with one deed that goes wrong.
    private func uploads(refusing wrong: @escaping @Sendable (RudeServer.Request) -> String?) -> RudeServer {
        RudeServer { request in
            if let refusal = wrong(request) { return [.takeBody, .send(refusal)] }
            if request.path.hasSuffix("?uploads=") {
                return [
                    .takeBody,
                    .send(answer("200 OK", [], "<InitiateMultipartUploadResult><UploadId>u&amp;1</UploadId></InitiateMultipartUploadResult>")),
                ]
            }
            if request.method == "GET" { return [.send(page([]))] }
            if request.method == "HEAD" { return [.send(head(12 << 10))] }
            return [.takeBody, .send(answer("200 OK", ["ETag: \"t<\(request.number)\""], ""))]
        }
    }

    private func store(_ server: RudeServer) throws -> Result<FileStatus, StorageError> {
        let path = "\(scratch.path)/large"
        try File.replace(path, with: [UInt8](repeating: 7, count: 12 << 10))
        let store = storage(server, [JSONMember("part_size", .integer(5 << 10))])
        return store.store([Transfer(TargetRef("s3://b/d/x"), local: path)]) { _ in }[0]
    }

    @Test func largeFilesAreSentInPartsAndNamedAtTheEnd() throws {
        let server = uploads { _ in nil }
        defer { server.stop() }
        #expect(try store(server).get().size == 12 << 10)
        let parts = server.requests.filter { $0.method == "PUT" }
        #expect(parts.map(\.body.count).sorted() == [2 << 10, 5 << 10, 5 << 10])
        #expect(parts.allSatisfy { $0.path.hasSuffix("&uploadId=u%261") && $0.headers["content-md5"] != nil })
        let complete = try #require(server.requests.last { $0.method == "POST" })
        #expect(complete.path == "/b/d/x?uploadId=u%261")
        let text = String(decoding: complete.body, as: UTF8.self)
        for (number, part) in parts.sorted(by: { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }).enumerated() {
            #expect(text.contains("<PartNumber>\(number + 1)</PartNumber><ETag>\"t&lt;\(part.number)\"</ETag>"))
        }
    }

    @Test func uploadsThatFailAreGivenUp() throws {
        let wrongs: [@Sendable (RudeServer.Request) -> String?] = [
            { $0.path.contains("partNumber=2&") ? refusal("403 Forbidden", "AccessDenied") : nil },
            { $0.method == "POST" && $0.path.contains("uploadId") ? refusal("200 OK", "InternalError") : nil },
            { $0.method == "POST" && $0.path.contains("uploadId") ? answer("200 OK", [], "<Error><Code>SlowDown</Code></Error>") : nil },
            { $0.path.contains("partNumber=3&") ? answer("200 OK") : nil },
        ]
        for (wrong, kind) in zip(wrongs, [StorageError.Class.denied, .transient, .transient, .transient]) {
            let server = uploads(refusing: wrong)
            defer { server.stop() }
            #expect(error(try store(server))?.kind == kind)
            #expect(server.requests.last?.method == "DELETE" && server.requests.last?.path == "/b/d/x?uploadId=u%261")
        }
    }

    @Test func anAnswerThatWasLostIsFoundOut() throws {
        let sums = [5 << 10, 5 << 10, 2 << 10].flatMap { MD5.digest([UInt8](repeating: 7, count: $0)) }
        let whole = "\"\(Hex.text(MD5.digest(sums)))-3\""
        for (tag, kind) in [(whole, nil), ("\"another-3\"", StorageError.Class.transient)] {
            let server = uploads { request in
                if request.method == "POST" && request.path.contains("uploadId") { return refusal("404 Not Found", "NoSuchUpload") }
                if request.method == "PUT" {
                    let size = request.path.contains("partNumber=3") ? 2 << 10 : 5 << 10
                    return answer("200 OK", ["ETag: \"\(Hex.text(MD5.digest([UInt8](repeating: 7, count: size))))\""])
                }
                return request.method == "HEAD" ? head(12 << 10, tag) : nil
            }
            defer { server.stop() }
            #expect(error(try store(server))?.kind == kind)
        }
    }

    @Test func aCommitWhoseAnswerWasLostIsFoundOut() throws {
        let part = MD5.digest(Array("content".utf8))
        let whole = "\"\(Hex.text(MD5.digest(part)))-1\""
        for (tag, kind) in [(whole, nil), ("\"another-1\"", StorageError.Class.transient)] {
            let server = uploads { request in
                if request.method == "POST" && request.path.contains("uploadId") { return refusal("404 Not Found", "NoSuchUpload") }
                if request.method == "PUT" { return answer("200 OK", ["ETag: \"\(Hex.text(part))\""]) }
                return request.method == "HEAD" ? head(7, tag) : nil
            }
            defer { server.stop() }
            let store = storage(server), target = TargetRef("s3://b/d/x")
            let temporary = try store.put(Array("content".utf8), besides: target).get()
            #expect(error(store.commit([Move(temporary, to: target)])[0])?.kind == kind)
        }
    }

    @Test func anObjectThatIsNamedAsItselfStays() {
        let server = RudeServer { request in
            [.takeBody, .send(request.method == "GET" ? page([]) : answer("200 OK", [], "<CopyObjectResult/>"))]
        }
        defer { server.stop() }
        let object = TargetRef("s3://b/d/x")
        #expect(error(storage(server).commit([Move(object, to: object)])[0])?.kind == .unsupported)
        #expect(!server.requests.contains { $0.method == "DELETE" || $0.method == "PUT" })
    }

    @Test func quotasAreFull() throws {
        let server = uploads { $0.method == "PUT" ? refusal("403 Forbidden", "QuotaExceeded") : nil }
        defer { server.stop() }
        #expect(error(try store(server))?.kind == .full)
    }

    @Test func manyAreRemovedWithOneCall() {
        let server = RudeServer { request in
            if request.method == "HEAD" { return [.send(request.path.hasSuffix("none") ? "HTTP/1.1 404 Not Found\r\n\r\n" : head(1))] }
            if request.method == "GET" { return [.send(page([]))] }
            return [
                .takeBody,
                .send(answer("200 OK", [], "<DeleteResult><Error><Key>d/&lt;&amp;</Key><Code>AccessDenied</Code></Error></DeleteResult>")),
            ]
        }
        defer { server.stop() }
        let answers = storage(server).delete(["d/a", "none", "d/<&", "d/c"].map { TargetRef("s3://b/\($0)") })
        #expect(answers.map { error($0)?.kind } == [nil, .absent, .denied, nil])
        let calls = server.requests.filter { $0.method == "POST" }
        #expect(calls.map(\.path) == ["/b?delete="])
        let body = String(decoding: calls[0].body, as: UTF8.self)
        #expect(body.contains("<Key>d/a</Key>") && body.contains("<Key>d/&lt;&amp;</Key>") && !body.contains("none"))
    }

    @Test func gatewaysWithoutThatCallAreAskedForEach() {
        let server = RudeServer { request in
            switch request.method {
            case "HEAD": [.send(head(1))]
            case "POST": [.takeBody, .send(refusal("501 Not Implemented", "NotImplemented"))]
            default: [.send(answer("204 No Content"))]
            }
        }
        defer { server.stop() }
        let answers = storage(server).delete(["a", "b"].map { TargetRef("s3://b/\($0)") })
        #expect(answers.map { error($0)?.kind } == [nil, nil])
        #expect(server.requests.filter { $0.method == "DELETE" }.map(\.path).sorted() == ["/b/a", "/b/b"])
    }

    // MARK: addresses

    @Test(arguments: [
        ("b", [], [:], "https://b.s3.us-east-1.amazonaws.com/k%20%2B"),
        ("b", [JSONMember("region", .string("eu-central-1"))], [:], "https://b.s3.eu-central-1.amazonaws.com/k%20%2B"),
        ("b.c", [], [:], "https://s3.us-east-1.amazonaws.com/b.c/k%20%2B"),
        ("b", [JSONMember("path_style", .bool(true))], [:], "https://s3.us-east-1.amazonaws.com/b/k%20%2B"),
        ("b", [JSONMember("endpoint", .string("s3.desy.de:8443/"))], [:], "https://s3.desy.de:8443/b/k%20%2B"),
        ("b", [], ["AWS_ENDPOINT_URL": "http://127.0.0.1:9000/base"], "http://127.0.0.1:9000/base/b/k%20%2B"),
        (
            "b", [JSONMember("endpoint", .string("https://s3.cern.ch")), JSONMember("path_style", .bool(false))],
            ["AWS_REGION": "x"], "https://b.s3.cern.ch/k%20%2B"
        ),
    ] as [(String, [JSONMember], [String: String], String)])
    func bucketsAreFound(bucket: String, options: [JSONMember], variables: [String: String], url: String) throws {
        let settings = try S3Settings(StoreOptions(.object(options + [JSONMember("anonymous", .bool(true))]))) { variables[$0] }
        let place = S3Location(bucket: bucket, key: "k +")
        #expect(try settings.url(place, query: "", in: settings.region).text == url)
    }
}
