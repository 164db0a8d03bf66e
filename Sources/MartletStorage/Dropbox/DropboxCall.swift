import MartletModel

/// A call of Dropbox's API, version 2.
///
/// Source: "HTTP API", Dropbox developers' documentation: calls whose argument is the body go to one host, those with a
/// content as body to another, their argument in a header.
struct DropboxCall {
    enum Shape {
        case call
        case upload(HTTPRequest.Body)
        case download(HTTPRequest.Sink, range: String?)
    }
    var name: String
    var argument: JSON
    var shape: Shape

    init(_ name: String, _ argument: [JSONMember], _ shape: Shape = .call) {
        self.name = name
        self.argument = .object(argument)
        self.shape = shape
    }

    static func metadata(_ path: DropboxPath) -> DropboxCall {
        DropboxCall("files/get_metadata", [JSONMember("path", .string(path.text))])
    }

    func request(api: HTTPURL, content: HTTPURL) -> HTTPRequest {
        var request: HTTPRequest
        switch shape {
        case .call:
            request = HTTPRequest(
                "POST", api.below("/2/\(name)"), headers: ["Content-Type": "application/json"],
                body: .bytes(Array(argument.text.utf8)))
            request.sink = .memory(limit: 64 << 20)
        case .upload(let body):
            request = HTTPRequest(
                "POST", content.below("/2/\(name)"),
                headers: ["Content-Type": "application/octet-stream", "Dropbox-API-Arg": DropboxCall.header(argument)], body: body)
        case .download(let sink, let range):
            request = HTTPRequest(
                "POST", content.below("/2/\(name)"), headers: ["Dropbox-API-Arg": DropboxCall.header(argument)], body: .none)
            if let range { request.headers["Range"] = range }
            request.sink = sink
        }
        request.expected = .any
        // what a repeated call finds done already is told apart by its answer
        request.isRepeatable = true
        request.followsRedirections = false
        return request
    }

    /// JSON in ASCII: what is beyond it is escaped, in UTF-16.
    static func header(_ json: JSON) -> String {
        json.text.utf16.reduce(into: "") { text, unit in
            if unit < 0x7F, let scalar = Unicode.Scalar(unit) {
                text.unicodeScalars.append(scalar)
            } else {
                text += "\\u" + Hex.text(unit)
            }
        }
    }
}
