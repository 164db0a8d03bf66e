import MartletPorts
import Testing

@testable import MartletStorage

/// Where an answer sends us, seen from where it came from.
@Suite struct ReferenceTests {
    @Test(arguments: [
        ("/x", "https://h/x"), ("x", "https://h/a/x"), ("//o/x", "https://o/x"), ("http://o:81/x?y", "http://o:81/x?y"),
        ("davs://o/x", "https://o/x"), ("?y", "https://h/a/b?y"),
    ])
    func whatIsAPlace(reference: String, expected: String) {
        #expect(HTTPURL("https://h/a/b")?.resolving(reference)?.text == expected)
    }

    /// None of them is a path on the same server, which would say that nothing is there.
    @Test(arguments: ["root://eos.example.org//eos/a", "https://me:secret@other/x", "ftp://o/x", "file:///etc/passwd", "mailto:x", "s3:x"])
    func whatIsNone(reference: String) {
        #expect(HTTPURL("https://h/a/b")?.resolving(reference) == nil)
    }
}
