import CCurl
import Glibc
import MartletModel
import MartletPorts

/// One attempt at one request, carried out by one of libcurl's transfers, which is used again for the next.
///
/// Of the answer's body only what belongs to a good answer goes where the request wants it.
final class Exchange {
    let easy: OpaquePointer
    private let words: UnsafeMutablePointer<CChar>
    private var lines: OpaquePointer?

    /// Which request this is an attempt at.
    private(set) var index = -1
    private var run: RequestRun
    private var status = 0
    private var reason = ""
    private var headers = HTTPHeaders()
    private var headerBytes = 0
    private var source: BodySource?
    private var sink: BodySink?
    private var failure: HTTPFailure?

    /// nil when there is no memory.
    init?() {
        guard let easy = ccurl_easy_new() else { return nil }
        self.easy = easy
        words = .allocate(capacity: Int(CCURL_ERROR_SIZE))
        run = RequestRun(HTTPRequest("GET", HTTPURL(origin: .init(isSecure: true, host: "", port: 0), path: "/")))
    }

    deinit {
        ccurl_easy_free(easy)
        ccurl_lines_free(lines)
        words.deallocate()
    }

    /// Bytes of bodies that have come and gone.
    var sent: UInt64 { source?.taken ?? 0 }
    var received: UInt64 { isGood ? sink?.received ?? 0 : 0 }

    // MARK: beginning

    /// Makes the transfer ready for libcurl.
    func prepare(_ index: Int, _ run: RequestRun, _ settings: ConnectionSettings) throws(StorageError) {
        self.index = index
        self.run = run
        (status, reason, headers, headerBytes, failure, sink) = (0, "", HTTPHeaders(), 0, nil, nil)
        words.initialize(repeating: 0, count: Int(CCURL_ERROR_SIZE))
        ccurl_easy_reset(easy)
        source = try BodySource(run.current.body)
        try set(CCURL_URL, run.url.text)
        try setLimits(settings)
        try setAuthorities(settings)
        try setMethod()
        try setLines()
        ccurl_set_error_buffer(easy, words)
        ccurl_set_callbacks(
            easy, Unmanaged.passUnretained(self).toOpaque(), takeHeader, takeBody, giveBody, seekBody)
    }

    private func setLimits(_ settings: ConnectionSettings) throws(StorageError) {
        try set(CCURL_NOSIGNAL, 1)
        try set(CCURL_SUPPRESS_CONNECT_HEADERS, 1)
        // credentials are ours to keep back
        try set(CCURL_FOLLOWLOCATION, 0)
        // one request a connection at a time: what all stores speak, and what redirections of uploads were made for
        try set(CCURL_HTTP_VERSION, Int64(CCURL_HTTP_VERSION_1_1))
        try set(CCURL_PATH_AS_IS, 1)
        try set(CCURL_TCP_NODELAY, 1)
        try set(CCURL_TCP_KEEPALIVE, 1)
        try set(CCURL_CONNECTTIMEOUT_MS, Int64(settings.connectLimit * 1000))
        try set(CCURL_LOW_SPEED_LIMIT, 1)
        try set(CCURL_LOW_SPEED_TIME, Int64(max(1, settings.idleLimit.rounded(.up))))
        if let limit = run.request.timeLimit { try set(CCURL_TIMEOUT_MS, Int64(limit * 1000)) }
        try set(CCURL_BUFFERSIZE, 1 << 17)
        // since 7.62
        _ = ccurl_set_number(easy, CCURL_UPLOAD_BUFFERSIZE, 1 << 18)
    }

    private func setAuthorities(_ settings: ConnectionSettings) throws(StorageError) {
        try set(CCURL_SSL_VERIFYPEER, 1)
        try set(CCURL_SSL_VERIFYHOST, 2)
        if let file = settings.authorityFile { try set(CCURL_CAINFO, file) }
        if let directory = settings.authorityDirectory { try set(CCURL_CAPATH, directory) }
        guard let certificate = run.current.certificate, run.url.origin.isSecure else { return }
        try set(CCURL_SSLCERT, certificate)
        try set(CCURL_SSLKEY, certificate)
    }

    private func setMethod() throws(StorageError) {
        switch (run.request.method, source) {
        case ("GET", nil): try set(CCURL_HTTPGET, 1)
        case ("HEAD", nil): try set(CCURL_NOBODY, 1)
        case (let method, nil): try set(CCURL_CUSTOMREQUEST, method)
        case (let method, let source?):
            try set(CCURL_UPLOAD, 1)
            try set(CCURL_INFILESIZE_LARGE, Int64(clamping: source.count))
            try set(CCURL_CUSTOMREQUEST, method)
        }
    }

    private func setLines() throws(StorageError) {
        ccurl_lines_free(lines)
        lines = nil
        var headers = run.headersToSend
        guard headers.isSendable else { throw StorageError(.unsupported, "a header has a line break in it") }
        if headers["user-agent"] == nil { headers.add("User-Agent", "martlet/\(Version.current)") }
        // without a line of ours libcurl would wait for 100 before large bodies, by rules of its version
        let waits = run.request.expectsContinue && source.map { $0.count > 0 } ?? false
        headers["expect"] = waits ? "100-continue" : ""
        for line in headers.lines {
            let isRemoved = line.value.isEmpty && line.name == "expect"
            let text = line.value.isEmpty ? line.name + (isRemoved ? ":" : ";") : "\(line.name): \(line.value)"
            guard let longer = ccurl_lines_append(lines, text) else { throw Exchange.noMemory }
            lines = longer
        }
        if ccurl_set_lines(easy, CCURL_HTTPHEADER, lines) != 0 { throw Exchange.noMemory }
    }

    static let noMemory = StorageError(.transient, "there is no memory left for a transfer")

    private func set(_ option: ccurl_option, _ value: Int64) throws(StorageError) {
        try check(option, ccurl_set_number(easy, option, value))
    }

    private func set(_ option: ccurl_option, _ value: String) throws(StorageError) {
        try check(option, ccurl_set_text(easy, option, value))
    }

    private func check(_ option: ccurl_option, _ code: Int32) throws(StorageError) {
        if code == 0 { return }
        throw StorageError(
            .unsupported, "this libcurl does not take option \(option.rawValue): \(String(cString: ccurl_words(code)))")
    }

    // MARK: while it goes on

    private var isGood: Bool { (200..<300).contains(status) }

    /// One line of the answer's head.
    fileprivate func take(headerLine line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= 1 << 18 else {
            failure = HTTPFailure(.transient, "the head of the answer does not end")
            return false
        }
        let text = line.trimming { $0 == 10 || $0 == 13 }
        if text.isEmpty { return status < 200 || beginBody() }
        if text.starts(with: "HTTP/".utf8) {
            // a provisional answer came before
            headers = HTTPHeaders()
            let parts = String(decoding: text, as: UTF8.self).split(separator: " ", maxSplits: 2)
            status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
            reason = parts.count > 2 ? String(parts[2]) : ""
        } else {
            headers.add(line: UnsafeRawBufferPointer(rebasing: text))
        }
        return true
    }

    private func beginBody() -> Bool {
        guard isGood else {
            sink = .words()
            return true
        }
        do throws(StorageError) {
            sink = try BodySink(run.request.sink, status: status, goingOnAfter: try run.placeToGoOn(status, headers))
            return true
        } catch {
            failure = HTTPFailure(error.kind, error.message)
            return false
        }
    }

    fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Bool { sink?.take(bytes) ?? false }

    fileprivate func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        source?.give(buffer) ?? Int(CCURL_READ_ABORT)
    }

    fileprivate func seek(_ offset: Int64) -> Bool { offset >= 0 && source?.seek(UInt64(offset)) ?? false }

    // MARK: the end

    /// - Parameter code: libcurl's.
    func end(_ code: Int32) -> AttemptEnd {
        // a server that refuses a body may close before it has read it: its answer is what counts
        let isAnswered = code == 0 || (status >= 300 && failure == nil)
        if code == 0 { sink?.finish(reached: run.reached) }
        if let error = sink?.failure ?? source?.failure { return .failed(HTTPFailure(error.kind, error.message), received) }
        if let failure { return .failed(failure, received) }
        if isAnswered {
            return .answered(
                HTTPResponse(
                    status: status, reason: reason, headers: headers, body: sink?.kept ?? [], url: run.url,
                    attempts: run.attempts))
        }
        let said = String(cString: words)
        let text = said.isEmpty ? String(cString: ccurl_words(code)) : said
        return .failed(HTTPFailure(code: code, words: text), received, validator: headers["etag"])
    }
}

/// How an attempt ended.
enum AttemptEnd {
    case answered(HTTPResponse)
    /// With the bytes of the content that have come nevertheless, and the validator (`ETag`) of what they are part of.
    case failed(HTTPFailure, UInt64, validator: String? = nil)
}

// The context is the exchange, which lives until its transfer has been taken from libcurl.

private func exchange(_ context: UnsafeMutableRawPointer?) -> Exchange {
    Unmanaged<Exchange>.fromOpaque(context!).takeUnretainedValue()
}

private let takeHeader: ccurl_taker = { bytes, _, size, context in
    exchange(context).take(headerLine: UnsafeRawBufferPointer(start: bytes, count: size)) ? size : 0
}

private let takeBody: ccurl_taker = { bytes, _, size, context in
    exchange(context).take(body: UnsafeRawBufferPointer(start: bytes, count: size)) ? size : 0
}

private let giveBody: ccurl_giver = { bytes, _, size, context in
    exchange(context).give(UnsafeMutableRawBufferPointer(start: bytes, count: size))
}

private let seekBody: ccurl_seeker = { context, offset, _ in exchange(context).seek(offset) ? 0 : 1 }
