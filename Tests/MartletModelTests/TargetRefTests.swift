import MartletModel
import Testing

@Suite struct TargetRefTests {
    @Test(arguments: [
        ("/a/b/c.root", "/a/b", "c.root"), ("/a//b//", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b", "a", "b"),
        ("davs://host:443/a/b", "davs://host:443/a", "b"), ("davs://host/a", "davs://host", "a"),
        ("davs://host/", "davs://host", ""), ("davs://host", "davs://host", ""),
        ("root://host//eos/user/x", "root://host//eos/user", "x"), ("s3://bucket/k e+y/ü", "s3://bucket/k e+y", "ü"),
    ])
    func hasAParentAndAName(location: String, parent: String, name: String) {
        #expect(TargetRef(location).parent == TargetRef(parent))
        #expect(TargetRef(location).name == name)
    }

    @Test func aChildLiesInside() {
        #expect(TargetRef("s3://bucket").child("a") == TargetRef("s3://bucket/a"))
        #expect(TargetRef("/").child("a") == TargetRef("/a"))
    }
}
