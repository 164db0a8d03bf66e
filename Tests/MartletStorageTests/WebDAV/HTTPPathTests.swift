import MartletModel
import MartletPorts
import Testing

@testable import MartletStorage

@Suite struct HTTPPathTests {
    private func url(_ location: String) throws(StorageError) -> String { try HTTPPath.url(TargetRef(location)).text }

    private func refusal(_ location: String) -> StorageError? {
        do throws(StorageError) {
            _ = try url(location)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("https://host/a/b.root", "https://host/a/b.root"),
        ("davs://Host.CERN.ch:8443/a b", "https://host.cern.ch:8443/a%20b"),
        ("dav://127.0.0.1:80/x", "http://127.0.0.1/x"),
        ("https://host/100%#1?x=y&z", "https://host/100%25%231%3Fx%3Dy%26z"),
        ("https://host/é/\u{65}\u{301}", "https://host/%C3%A9/e%CC%81"),
        ("https://host//eos//x/", "https://host/eos/x"),
        ("https://host/./a/.hidden/.", "https://host/a/.hidden"),
        ("https://host", "https://host/"), ("https://host/", "https://host/"),
        ("https://[2001:db8::1]:444/x", "https://[2001:db8::1]:444/x"),
        ("https://host/a\"b<c>\\d|e^f`g{h}", "https://host/a%22b%3Cc%3E%5Cd%7Ce%5Ef%60g%7Bh%7D"),
    ])
    func everyCharacterStandsForItself(location: String, expected: String) throws {
        #expect(try url(location) == expected)
        #expect(try HTTPPath.url(TargetRef(location)).plainPath == HTTPPath.tidy(String(location.split(separator: "/", maxSplits: 2)[1...].joined(separator: "/").drop { $0 != "/" })))
    }

    @Test(arguments: [
        "https://host/a/../b", "https://host/..", "https://host/a\nb", "https://host/a\u{0}b", "https://host/a\u{7f}",
        "https://host/\u{1b}[31mred", "s3://bucket/key", "/local/path", "https:///x", "https://ho st/x", "https://host:0/x",
        "https://host:99999/x",
    ])
    func whatLeavesItsStoreOrIsNoNameIsRefused(location: String) {
        #expect(refusal(location)?.kind == .unsupported)
    }

    @Test func passwordsInURLsAreRefusedWithoutRepeatingThem() {
        let error = refusal("https://doe:hunter2@host/x")
        #expect(error?.kind == .unsupported && error?.message.contains("hunter2") == false)
    }

    @Test(arguments: [
        ("https://other/y?z", "https://other/y?z"), ("//other/y", "https://other/y"), ("/y?q", "https://host/y?q"),
        ("y", "https://host/a/y"), ("?q", "https://host/a/x?q"), ("http://other:8080/y", "http://other:8080/y"),
        ("https://other", "https://other/"), ("https://other/y#z", "https://other/y"), ("HTTPS://Other/Y", "https://other/Y"),
    ])
    func referencesAreResolved(reference: String, expected: String) {
        #expect(HTTPURL("https://host/a/x?old")!.resolving(reference)?.text == expected)
    }

    @Test(arguments: ["ftp://other/y", "https://user@other/y", "https://other/a b", "javascript://x\n"])
    func otherReferencesAreNot(reference: String) {
        let resolved = HTTPURL("https://host/a/x")!.resolving(reference)
        #expect(resolved == nil || resolved?.origin == HTTPURL("https://host/")!.origin)
    }
}
