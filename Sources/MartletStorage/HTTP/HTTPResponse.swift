/// What a server said in the end.
struct HTTPResponse: Sendable {
    var status: Int
    /// The server's words for the status; may be empty.
    var reason: String
    var headers: HTTPHeaders
    /// Empty where the body went elsewhere.
    var body: [UInt8]
    /// Who answered, after redirections.
    var url: HTTPURL
    /// How often the request was sent: after the first time an earlier one may have been carried out unheard.
    var attempts: Int

    var isSuccess: Bool { (200..<300).contains(status) }
}
