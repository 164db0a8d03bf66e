import MartletPorts

/// Adds to requests what shows who asks.
protocol RequestAuthorizer {
    /// Called before every attempt at the request's own server, never for one that it redirects to.
    func authorize(_ request: inout HTTPRequest) throws(StorageError)
    /// The server refused a request with 400, 401 or 403. Asked once a request.
    /// - Returns: whether another attempt may fare better, e.g. since a token was renewed meanwhile.
    func renews(after response: HTTPResponse, to request: HTTPRequest) -> Bool
}

/// Nobody is shown.
struct Anonymous: RequestAuthorizer {
    func authorize(_ request: inout HTTPRequest) {}
    func renews(after response: HTTPResponse, to request: HTTPRequest) -> Bool { false }
}
