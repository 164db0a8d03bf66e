/// One request, and where its parts come from and go to.
struct HTTPRequest: Sendable {
    enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Read while it is sent.
        case file(path: String, offset: UInt64 = 0, count: UInt64)

        /// Bytes; nil where there is no body, which is not the same as an empty one.
        var count: UInt64? {
            switch self {
            case .none: nil
            case .bytes(let bytes): UInt64(bytes.count)
            case .file(_, _, let count): count
            }
        }
    }

    /// Where the body of a good answer goes. That of any other is kept for its words, 64 kB at the most.
    enum Sink: Sendable {
        /// Into the answer; more than `limit` bytes are an error.
        case memory(limit: Int)
        /// Written into a file from that place on, which is made where it lacks. A transfer that breaks off goes on
        /// where it was when the server can say that the content is still the same, else starts anew.
        case file(path: String, offset: UInt64 = 0)
        /// Handed over while it arrives.
        case consumer(any BodyConsumer)
        case discard
    }

    /// Which answers are not errors.
    enum Expectation: Sendable {
        /// 2xx
        case success
        /// 2xx and these, e.g. 404 where absence is an answer.
        case successOr(Set<Int>)
        /// Whatever is still said after the last try.
        case any

        func contains(_ status: Int) -> Bool {
            switch self {
            case .success: (200..<300).contains(status)
            case .successOr(let others): (200..<300).contains(status) || others.contains(status)
            case .any: true
            }
        }
    }

    var method: String
    var url: HTTPURL
    var headers = HTTPHeaders()
    var body = Body.none
    var sink = Sink.memory(limit: 1 << 20)
    var expected = Expectation.success
    /// Whether the request may be sent again when nobody knows what became of it.
    var isRepeatable: Bool
    /// Sends the body only when the server has asked for it or let a second pass: a door that sends clients on to
    /// another server says so before it has read anything.
    var expectsContinue = false
    /// Whether it is sent on to where the server says; else that is an answer like any other.
    var followsRedirections = true
    /// Seconds for one attempt; nil is bound only by how long nothing may come.
    var timeLimit: Double?
    /// File of a client certificate with its key, in PEM: an X.509 proxy.
    var certificate: String?
    /// Who asks, fit for messages: "with the token of BEARER_TOKEN".
    var identity = ""
    /// What must not be repeated in messages, should the server do so.
    var secrets: [String] = []

    init(_ method: String, _ url: HTTPURL, headers: HTTPHeaders = [:], body: Body = .none) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        isRepeatable = method != "POST" && method != "PATCH"
    }
}

/// Takes the body of an answer while it arrives.
protocol BodyConsumer: AnyObject, Sendable {
    /// A good answer begins; anew after an attempt that broke off.
    func begin(_ status: Int)
    /// The next piece; the bytes are gone afterwards.
    /// - Returns: nil, or why the rest is not wanted, in the store's stead.
    func take(_ bytes: UnsafeRawBufferPointer) -> String?
}
