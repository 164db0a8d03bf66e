import MartletModel
import MartletPorts
import MartletTesting
import Testing

@testable import MartletStorage

/// Uploads that never ended, as servers list them: page after page, and with what goes wrong.
@Suite struct S3UploadsTests {
    private func storage(_ server: RudeServer) -> S3Storage {
        let options = [JSONMember("url", .string("s3://b")), JSONMember("endpoint", .string(server.url)), JSONMember("retries", .integer(1))]
        let variables = ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "very-secret"]
        return S3Storage(StoreSettings(.array([.object(options)])), { variables[$0] }, smallestPart: 1)
    }

    private func listed(_ uploads: [(key: String, id: String)], next: (key: String, id: String)? = nil) -> String {
        let rows = uploads.map {
            "<Upload><Initiator><ID>i</ID></Initiator><Key>\(PercentEncoding.text($0.key))</Key><UploadId>\($0.id)</UploadId>"
                + "<Initiated>2024-05-01T10:00:00.000Z</Initiated></Upload>"
        }
        let more = next.map {
            "<IsTruncated>true</IsTruncated><NextKeyMarker>\(PercentEncoding.text($0.key))</NextKeyMarker>"
                + "<NextUploadIdMarker>\($0.id)</NextUploadIdMarker>"
        } ?? "<IsTruncated>false</IsTruncated>"
        return answer(
            "200 OK", [],
            "<ListMultipartUploadsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><EncodingType>url</EncodingType>"
                + more + rows.joined() + "</ListMultipartUploadsResult>")
    }

    private func parts(_ sizes: [Int], next: String? = nil) -> String {
        let rows = sizes.map { "<Part><LastModified>2024-05-02T10:00:00.000Z</LastModified><Size>\($0)</Size></Part>" }
        let more = next.map { "<IsTruncated>true</IsTruncated><NextPartNumberMarker>\($0)</NextPartNumberMarker>" } ?? ""
        return answer("200 OK", [], "<ListPartsResult>\(more)\(rows.joined())</ListPartsResult>")
    }

    @Test func everyPageIsReadAndNothingOfOtherDirectories() throws {
        let server = RudeServer { request in
            if request.path.contains("uploadId=long") {
                let isFirst = !request.path.contains("part-number-marker")
                return [.send(isFirst ? parts([5, 5], next: "2") : parts([3]))]
            }
            if request.path.contains("uploadId=ended") {
                return [.send(answer("404 Not Found", [], "<Error><Code>NoSuchUpload</Code></Error>"))]
            }
            if request.path.contains("uploadId=") { return [.send(parts([]))] }
            if request.path.contains("key-marker=d%2Fa%20%C3%A9&") {
                // some gateways pass over the delimiter
                return [.send(listed([("d/b", "ended"), ("d/sub/c", "deeper"), ("d/z", "empty")]))]
            }
            return [.send(listed([("d/a é", "long")], next: ("d/a é", "long")))]
        }
        defer { server.stop() }
        let told = try storage(server).unfinished([TargetRef("s3://b/d")])[0].get()
        #expect(told.map(\.target.location) == ["s3://b/d/a é", "s3://b/d/z"])
        #expect(told.map(\.size) == [13, 0])
        // of one without parts: when it was begun
        #expect(told.map { $0.modified / 1_000_000_000 } == [1_714_644_000, 1_714_557_600])
        #expect(Set(told.map(\.temporary)).count == 2)
    }

    @Test func whatCannotBeToldIsAnError() {
        let replies: [(String, StorageError.Class)] = [
            (answer("403 Forbidden", [], "<Error><Code>AccessDenied</Code></Error>"), .denied),
            (answer("501 Not Implemented", [], "<Error><Code>NotImplemented</Code></Error>"), .unsupported),
            (answer("200 OK", [], "<html>login</html>"), .transient),
            (answer("200 OK", [], "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated></ListMultipartUploadsResult>"), .transient),
        ]
        for (reply, kind) in replies {
            let server = RudeServer { _ in [.send(reply)] }
            defer { server.stop() }
            guard case .failure(let error) = storage(server).unfinished([TargetRef("s3://b/d")])[0] else {
                #expect(Bool(false), "\(kind) was no error")
                continue
            }
            #expect(error.kind == kind)
        }
    }

    @Test func aListThatBeginsAnewForEverIsReadOnce() throws {
        let server = RudeServer { request in
            [.send(request.path.contains("uploadId=") ? parts([1]) : listed([("d/a", "x")], next: ("d/a", "x")))]
        }
        defer { server.stop() }
        let told = try storage(server).unfinished([TargetRef("s3://b/d")])[0].get()
        #expect(told.count <= 2 && server.requests.count <= 4)
    }
}
