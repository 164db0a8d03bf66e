import MartletModel

/// AWS Signature Version 4: says who a request is from by headers that only the owner of a secret key can compute.
///
/// Source: "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)", Amazon S3 API reference.
/// As S3 wants it: the path is encoded once and not shortened.
package struct SigV4 {
    package var credentials: AWSCredentials
    package var region: String
    package var service = "s3"

    package init(credentials: AWSCredentials, region: String, service: String = "s3") {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// What is signed of a request.
    package struct Request {
        package var method: String
        /// As `SigV4.path` encodes it.
        package var path: String
        /// As `SigV4.query` orders and encodes it; may be empty.
        package var query: String
        /// Every one of them is signed; `host` has to be among them.
        package var headers: [(name: String, value: String)]
        /// The SHA-256 of the body in hexadecimal, or `unsignedPayload`.
        package var payload: String

        package init(
            method: String, path: String, query: String = "", headers: [(name: String, value: String)], payload: String
        ) {
            self.method = method
            self.path = path
            self.query = query
            self.headers = headers
            self.payload = payload
        }
    }

    /// In place of a digest where the connection itself keeps the body whole.
    package static let unsignedPayload = "UNSIGNED-PAYLOAD"
    package static let emptyPayload = SHA256.hex([])

    /// The headers to add to the request: `x-amz-date`, `x-amz-security-token` where there is one, `authorization`.
    /// - Parameter time: nanoseconds since 1970-01-01 UTC. A server takes it when it is off by 15 minutes at the most.
    package func headers(for request: Request, at time: Int64) -> [(name: String, value: String)] {
        let date = UTC.compact(time)
        var added = [(name: "x-amz-date", value: date)]
        if let token = credentials.sessionToken { added.append(("x-amz-security-token", token)) }
        var signed = request
        signed.headers += added
        let (canonical, names) = SigV4.canonical(signed)
        let day = String(date.prefix(8))
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let toSign = "AWS4-HMAC-SHA256\n\(date)\n\(scope)\n\(SHA256.hex(Array(canonical.utf8)))"
        let signature = Hex.text(HMAC.sha256(key: signingKey(day), toSign.utf8))
        added.append(
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
            ))
        return added
    }

    /// The query as it is signed, and as it has to be sent: sorted by the encoded bytes.
    package static func query(_ parameters: [(name: String, value: String)]) -> String {
        parameters.map { (Array(PercentEncoding.text($0.name).utf8), Array(PercentEncoding.text($0.value).utf8)) }
            .sorted { a, b in
                a.0 == b.0 ? a.1.lexicographicallyPrecedes(b.1) : a.0.lexicographicallyPrecedes(b.0)
            }
            .map { String(decoding: $0 + [UInt8(ascii: "=")] + $1, as: UTF8.self) }
            .joined(separator: "&")
    }

    /// The path as it is signed and has to be sent.
    package static func path(_ path: String) -> String {
        path.isEmpty ? "/" : PercentEncoding.text(path, keepingSlashes: true)
    }

    private static func canonical(_ request: Request) -> (text: String, names: String) {
        var values: [String: [String]] = [:]
        for header in request.headers { values[header.name.lowercased(), default: []].append(folded(header.value)) }
        let names = values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let headers = names.map { "\($0):\((values[$0] ?? []).joined(separator: ","))\n" }.joined()
        let signed = names.joined(separator: ";")
        let text = [
            request.method, request.path, request.query, headers, signed, request.payload,
        ].joined(separator: "\n")
        return (text, signed)
    }

    /// Without spaces around it, and with single ones within.
    private static func folded(_ value: String) -> String {
        value.split(omittingEmptySubsequences: true) { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }

    private func signingKey(_ day: String) -> [UInt8] {
        [day, region, service, "aws4_request"].reduce(Array("AWS4\(credentials.secretKey)".utf8)) { key, part in
            HMAC.sha256(key: key, part.utf8)
        }
    }
}
