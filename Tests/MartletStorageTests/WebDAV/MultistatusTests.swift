import MartletPorts
import Testing

@testable import MartletStorage

@Suite struct MultistatusTests {
    /// Read in pieces of so many bytes.
    private func entries(_ text: String, pieces: Int = 7) throws(StorageError) -> [DAVEntry] {
        let reader = Multistatus()
        reader.begin(207)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            _ = bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { reader.take($0) }
        }
        return try reader.finished()
    }

    private func refusal(_ text: String) -> StorageError? {
        do throws(StorageError) {
            _ = try entries(text)
            return nil
        } catch {
            return error
        }
    }

    private func multistatus(_ responses: String) -> String {
        "<?xml version=\"1.0\"?>\n<d:multistatus xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\">\(responses)</d:multistatus>"
    }

    private func response(_ href: String, _ propstats: String) -> String {
        "<d:response><d:href>\(href)</d:href>\(propstats)</d:response>"
    }

    private let ok = "<d:status>HTTP/1.1 200 OK</d:status>"

    @Test func aFileAndADirectory() throws {
        let text = multistatus(
            response(
                "/dav/a%20b/",
                "<d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop>\(ok)</d:propstat>"
                    + "<d:propstat><d:prop><d:getcontentlength/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>")
                + response(
                    "https://host:8443/dav/a%20b/%C3%A9%23",
                    "<d:propstat><d:prop><d:resourcetype/><d:getcontentlength> 12 </d:getcontentlength>"
                        + "<d:getlastmodified>Sun, 06 Nov 1994 08:49:37 GMT</d:getlastmodified>"
                        + "<oc:checksums><oc:checksum>SHA1:aa MD5:bb</oc:checksum></oc:checksums></d:prop>\(ok)</d:propstat>"))
        for pieces in [1, 7, 10_000] {
            let found = try entries(text, pieces: pieces)
            #expect(
                found == [
                    DAVEntry(path: "/dav/a b", isDirectory: true),
                    DAVEntry(
                        path: "/dav/a b/é#", size: 12, modified: 784_111_777_000_000_000, checksums: "SHA1:aa MD5:bb"),
                ])
            #expect(found[1].name == "é#")
        }
    }

    /// The same names without prefixes, and with others: namespaces count, not their prefixes.
    @Test(arguments: ["", "D:", "lp1:"])
    func prefixesMeanNothing(prefix: String) throws {
        let namespace = prefix.isEmpty ? "xmlns" : "xmlns:\(prefix.dropLast())"
        let p = prefix
        let whole = "<\(p)multistatus \(namespace)=\"DAV:\"><\(p)response><\(p)href>/x</\(p)href><\(p)propstat><\(p)prop>"
            + "<\(p)getcontentlength>3</\(p)getcontentlength></\(p)prop><\(p)status>HTTP/1.1 200 OK</\(p)status>"
            + "</\(p)propstat></\(p)response></\(p)multistatus>"
        #expect(try entries(whole) == [DAVEntry(path: "/x", size: 3)])
    }

    @Test func anotherNamespaceIsNotOurs() {
        #expect(refusal("<multistatus xmlns=\"urn:other\"/>")?.kind == .transient)
        #expect(refusal("<multistatus/>")?.kind == .transient)
    }

    @Test func whatAServerWouldNotTellHasItsStatus() throws {
        let text = multistatus(
            response("/gone", "<d:status>HTTP/1.1 404 Not Found</d:status>")
                + response("/mine", "<d:propstat><d:prop/><d:status>HTTP/1.1 403 Forbidden</d:status></d:propstat>")
                + response(
                    "/half",
                    "<d:propstat><d:prop><d:getcontentlength>1</d:getcontentlength></d:prop>\(ok)</d:propstat>"
                        + "<d:propstat><d:prop/><d:status>HTTP/1.1 500 Oh</d:status></d:propstat>"))
        #expect(try entries(text).map(\.status) == [404, 403, 200])
    }

    @Test(arguments: [
        "", "garbage", "<html><body>Please log in<br></body></html>",
        "<d:multistatus xmlns:d=\"DAV:\"><d:response><d:href>/x</d:href></d:response>",
        "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><d:multistatus xmlns:d=\"DAV:\">&b;</d:multistatus>",
        "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><d:multistatus xmlns:d=\"DAV:\"/>",
        "<d:multistatus xmlns:d=\"DAV:\"><d:response><d:href>/&undeclared;</d:href></d:response></d:multistatus>",
    ])
    func whatIsNoAnswerIsNeverAbsence(text: String) {
        #expect(refusal(text)?.kind == .transient)
    }

    @Test func depthAndLengthAreBounded() {
        let deep = String(repeating: "<x>", count: 100) + String(repeating: "</x>", count: 100)
        #expect(refusal(multistatus(deep))?.message.contains("nested") == true)
        #expect(refusal(multistatus(response(String(repeating: "x", count: 100_000), "")))?.message.contains("too long") == true)
    }

    @Test func fiftyThousandEntries() throws {
        let one = "<d:propstat><d:prop><d:resourcetype/><d:getcontentlength>5</d:getcontentlength></d:prop>\(ok)</d:propstat>"
        let text = multistatus((0..<50_000).map { response("/dav/dir/file-\($0).root", one) }.joined())
        let found = try entries(text, pieces: 16_384)
        #expect(found.count == 50_000 && found[49_999].path == "/dav/dir/file-49999.root")
    }

    // MARK: which entries are in a directory

    private let url = HTTPURL("https://host/dav/dir/")!

    @Test func aServerMayKnowADirectoryUnderAnotherPath() throws {
        let inside = [DAVEntry(path: "/eos/dir/a"), DAVEntry(path: "/eos/dir", isDirectory: true), DAVEntry(path: "/eos/dir/b")]
        #expect(try DAVServer.children(inside, of: url).map(\.name) == ["a", "b"])
    }

    @Test func whatIsDeeperIsNotInADirectory() throws {
        let inside = [DAVEntry(path: "/dav/dir", isDirectory: true), DAVEntry(path: "/dav/dir/sub/deep"), DAVEntry(path: "/dav/dir/sub", isDirectory: true)]
        #expect(try DAVServer.children(inside, of: url).map(\.name) == ["sub"])
    }

    private func refusal(_ entries: [DAVEntry]) -> StorageError.Class? {
        do throws(StorageError) {
            _ = try DAVServer.children(entries, of: url)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func anAnswerAboutAnotherPlaceIsNoListing() {
        #expect(refusal([DAVEntry(path: "/dav/dir", isDirectory: true), DAVEntry(path: "/elsewhere/x")]) == .transient)
        #expect(refusal([DAVEntry(path: "/dav/dir")]) == .absent)
        #expect(refusal([DAVEntry]()) == .transient)
        #expect(refusal([DAVEntry(path: "/dav/dir", status: 503)]) == .transient)
    }

    @Test func twoSpellingsOfALetterAreTwoNames() {
        let names: Set = [ExactText("\u{e9}"), ExactText("e\u{301}")]
        #expect(names.count == 2)
        let listing = DAVListings.Listing.names([ExactText("\u{e9}"): 200])
        #expect(listing.look("\u{e9}", "PROPFIND", url) == .there)
        #expect(listing.look("e\u{301}", "PROPFIND", url) == .absent)
    }
}
