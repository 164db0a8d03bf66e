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

    @Test(arguments: [
        ("davs://doe:pw@host/x", "davs://doe@host/x"), ("davs://doe@host/x@y", "davs://doe@host/x@y"),
        ("davs://doe:p@w@host/x", "davs://doe@host/x"), ("davs://host/a:b@c", "davs://host/a:b@c"),
        ("https://h/x?X-Amz-Signature=ab&n=1&authz=b%20c", "https://h/x?X-Amz-Signature=***&n=1&authz=***"),
        ("https://h?token=b", "https://h?token=***"), ("s3://bucket/what?", "s3://bucket/what?"), ("/a?token=b", "/a?token=b"),
        ("root://h//x?svcClass=t&access_token=", "root://h//x?svcClass=t&access_token=***"),
    ])
    func showsNoCredentials(location: String, shown: String) {
        #expect("\(TargetRef(location))" == shown)
        #expect(TargetRef(location).location == location)
    }
}
