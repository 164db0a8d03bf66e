import MartletModel
import MartletStorage
import Testing

@Suite struct SigV4Tests {
    typealias Headers = [(name: String, value: String)]

    // MARK: aws-sig-v4-test-suite, published by AWS; the cases that do not shorten paths, which S3 never does

    private static let suite = SigV4(
        credentials: AWSCredentials(
            accessKey: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1", service: "service")
    /// 2015-08-30 12:36:00
    private static let suiteTime: Int64 = 1_440_938_160_000_000_000

    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var method = "GET"
        var path = "/"
        var query: [(name: String, value: String)] = []
        var headers: Headers = []
        var body = ""
        var names = "host;x-amz-date"
        var signature: String
        var testDescription: String { name }
    }

    static let published: [Case] = [
        Case(name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Case(
            name: "get-unreserved", path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        Case(
            name: "get-utf8", path: "/\u{1234}",
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        Case(
            name: "get-space", path: "/example space/",
            signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
        Case(
            name: "get-vanilla-query-order-key-case", query: [("Param2", "value2"), ("Param1", "value1")],
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Case(
            name: "get-vanilla-query-order-value", query: [("Param1", "value2"), ("Param1", "value1")],
            signature: "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"),
        Case(
            name: "get-vanilla-utf8-query", query: [("\u{1234}", "bar")],
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        Case(
            name: "get-header-value-order",
            headers: [("My-Header1", "value4"), ("My-Header1", "value1"), ("My-Header1", "value3"), ("My-Header1", "value2")],
            names: "host;my-header1;x-amz-date",
            signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
        Case(
            name: "get-header-key-duplicate",
            headers: [("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
            names: "host;my-header1;x-amz-date",
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        Case(
            name: "get-header-value-trim", headers: [("My-Header1", " value1"), ("My-Header2", "\"a   b   c\"")],
            names: "host;my-header1;my-header2;x-amz-date",
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        Case(
            name: "post-x-www-form-urlencoded", method: "POST",
            headers: [("Content-Type", "application/x-www-form-urlencoded")], body: "Param1=value1",
            names: "content-type;host;x-amz-date",
            signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    ]

    @Test(arguments: published) func suiteOfAWS(_ example: Case) {
        let added = SigV4Tests.suite.headers(
            for: SigV4.Request(
                method: example.method, path: SigV4.path(example.path), query: SigV4.query(example.query),
                headers: [("host", "example.amazonaws.com")] + example.headers,
                payload: SHA256.hex(Array(example.body.utf8))),
            at: SigV4Tests.suiteTime)
        #expect(
            added.last?.value
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=\(example.names), Signature=\(example.signature)")
    }

    @Test func tokensOfLimitedLifeAreSigned() {
        var signer = SigV4Tests.suite
        signer.credentials.sessionToken = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"
        let added = signer.headers(
            for: SigV4.Request(
                method: "GET", path: "/", headers: [("host", "example.amazonaws.com")], payload: SigV4.emptyPayload),
            at: SigV4Tests.suiteTime)
        #expect(added.map(\.name) == ["x-amz-date", "x-amz-security-token", "authorization"])
        #expect(
            added.last?.value.hasSuffix(
                "SignedHeaders=host;x-amz-date;x-amz-security-token, "
                    + "Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8") == true)
    }

    // MARK: the examples of the Amazon S3 API reference

    static let documented: [Case] = [
        Case(
            name: "GET Object", path: "/test.txt", headers: [("Range", "bytes=0-9")],
            names: "host;range;x-amz-content-sha256;x-amz-date",
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Case(
            name: "PUT Object", method: "PUT", path: "/test$file.text",
            headers: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            body: "Welcome to Amazon S3.", names: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Case(
            name: "GET Bucket Lifecycle", query: [("lifecycle", "")],
            names: "host;x-amz-content-sha256;x-amz-date",
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Case(
            name: "Get Bucket (List Objects)", query: [("prefix", "J"), ("max-keys", "2")],
            names: "host;x-amz-content-sha256;x-amz-date",
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    @Test(arguments: documented) func examplesOfS3(_ example: Case) {
        let signer = SigV4(
            credentials: AWSCredentials(
                accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1")
        let payload = SHA256.hex(Array(example.body.utf8))
        let added = signer.headers(
            for: SigV4.Request(
                method: example.method, path: SigV4.path(example.path), query: SigV4.query(example.query),
                headers: [("host", "examplebucket.s3.amazonaws.com"), ("x-amz-content-sha256", payload)] + example.headers,
                payload: payload),
            at: 1_369_353_600_000_000_000)
        #expect(
            added.last?.value
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                + "SignedHeaders=\(example.names), Signature=\(example.signature)")
    }

    @Test func queriesAreSortedByWhatIsSent() {
        #expect(SigV4.query([("x", "a.b"), ("x", "a/b")]) == "x=a%2Fb&x=a.b")
        #expect(SigV4.query([("uploadId", "a/b+c=="), ("partNumber", "2")]) == "partNumber=2&uploadId=a%2Fb%2Bc%3D%3D")
        #expect(SigV4.query([("a-b", "1"), ("a", "2")]) == "a=2&a-b=1")
    }

    @Test func secretsAreNotShown() {
        let keys = AWSCredentials(accessKey: "AKID", secretKey: "very-secret", sessionToken: "token")
        #expect("\(keys)" == "keys of AKID")
        #expect(!String(reflecting: keys).contains("secret"))
    }
}
