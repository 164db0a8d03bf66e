import MartletModel
import MartletPorts
import MartletStorage
import Testing

@Suite struct S3LocationTests {
    @Test(arguments: [
        ("s3://bucket/a/b.root", "bucket", "a/b.root"), ("s3://bucket", "bucket", ""), ("s3://bucket/", "bucket", ""),
        ("S3://bucket/dir/", "bucket", "dir"), ("s3://b/a b+c%20?x=1#2", "b", "a b+c%20?x=1#2"), ("s3://b/a//b", "b", "a//b"),
        ("s3://b/é/日本", "b", "é/日本"), ("s3://b/..a/.b", "b", "..a/.b"),
    ])
    func keysAreWrittenPlain(location: String, bucket: String, key: String) throws {
        let place = try S3Location(TargetRef(location))
        #expect(place.bucket == bucket && place.key == key && place.upload == nil)
        #expect(try S3Location(place.target) == place)
    }

    @Test(arguments: [
        "s3://", "s3:///key", "s3://bu cket/x", "s3://user:pass@bucket/x", "s3://b/../x", "s3://b/a/./x", "s3://b/a\nb",
        "s3://b/" + String(repeating: "x", count: 1025), "https://b/x", "/local", "s3://../x",
    ])
    func whatS3CannotHoldIsUnsupported(location: String) {
        #expect(throws: StorageError.self) { try S3Location(TargetRef(location)) }
    }

    @Test func uploadsHaveNamesOfTheirOwn() throws {
        let upload = S3Location(bucket: "b", key: "a/x#1", upload: "2~aZ.-_,\"etag\"")
        #expect(try S3Location(upload.target) == upload)
    }

    @Test func spellingsOfALetterAreKeptApart() throws {
        let spellings = ["s3://b/caf\u{e9}", "s3://b/cafe\u{301}", "s3://b/\u{301}x/", "s3://b/x/\u{301}"]
        let places = try spellings.map { try S3Location(TargetRef($0)) }
        #expect(Set(places).count == 4)
        #expect(places[2].key.unicodeScalars.count == 2)
        #expect(places[3].name.unicodeScalars.elementsEqual("\u{301}".unicodeScalars))
        for (place, spelling) in zip(places, spellings) {
            #expect(place.target.location.utf8.elementsEqual(spelling.utf8.prefix(place.target.location.utf8.count)))
        }
    }

    @Test func directoriesAreWhatStandsBeforeTheLastSlash() throws {
        let file = S3Location(bucket: "b", key: "a/b/c")
        #expect(file.parent == S3Location(bucket: "b", key: "a/b") && file.name == "c" && file.prefix == "a/b/c/")
        let top = S3Location(bucket: "b", key: "c")
        #expect(top.parent.prefix == "" && top.name == "c")
    }
}
