import MartletModel

/// One request to S3, before it has an address and a signature.
struct S3Call {
    var method: String
    var place: S3Location
    var query: [(name: String, value: String)]
    var headers: HTTPHeaders
    var body: HTTPRequest.Body
    var sink = HTTPRequest.Sink.memory(limit: 16 << 20)

    init(
        _ method: String, _ place: S3Location, query: [(name: String, value: String)] = [],
        headers: HTTPHeaders = [:], body: HTTPRequest.Body = .none
    ) {
        self.method = method
        self.place = place
        self.query = query
        self.headers = headers
        self.body = body
    }

    static func head(_ place: S3Location) -> S3Call { S3Call("HEAD", place) }

    /// A page of what has a prefix: ListObjectsV2.
    /// - Parameter delimiter: whether what has a slash behind the prefix is told of as a directory only.
    static func list(
        _ bucket: String, prefix: String, delimiter: Bool, most: Int = 1000, token: String? = nil
    ) -> S3Call {
        var query = [
            (name: "list-type", value: "2"), (name: "prefix", value: prefix), (name: "max-keys", value: String(most)),
            // a key may hold what XML cannot
            (name: "encoding-type", value: "url"),
        ]
        if delimiter { query.append(("delimiter", "/")) }
        if let token { query.append(("continuation-token", token)) }
        return S3Call("GET", S3Location(bucket: bucket, key: ""), query: query)
    }

    /// A page of the uploads to keys directly behind a prefix: ListMultipartUploads.
    static func listUploads(_ bucket: String, prefix: String, after mark: S3UploadsPage.Mark?) -> S3Call {
        var query = [
            (name: "uploads", value: ""), (name: "prefix", value: prefix), (name: "delimiter", value: "/"),
            (name: "max-uploads", value: "1000"), (name: "encoding-type", value: "url"),
        ]
        if let mark { query += [("key-marker", mark.key), ("upload-id-marker", mark.id)] }
        return S3Call("GET", S3Location(bucket: bucket, key: ""), query: query)
    }
}
