import MartletModel
import MartletPorts

extension DAVServer {
    enum Depth: String {
        case itself = "0"
        case children = "1"
    }

    /// What is asked of resources (RFC 4918, section 15).
    enum Properties {
        static let usual = "<resourcetype/><getcontentlength/><getlastmodified/>"
        /// Where names are all that is wanted.
        static let kind = "<resourcetype/>"
        static let ownCloudChecksums = "<checksums xmlns=\"http://owncloud.org/ns\"/>"
    }

    static func propfind(_ url: HTTPURL, _ depth: Depth, _ properties: String = Properties.usual) -> HTTPRequest {
        var request = HTTPRequest("PROPFIND", url)
        request.headers = ["Depth": depth.rawValue, "Content-Type": "application/xml; charset=utf-8"]
        request.body = .bytes(
            Array(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><propfind xmlns=\"DAV:\"><prop>\(properties)</prop></propfind>"
                    .utf8))
        request.sink = .consumer(Multistatus())
        // apache says 400 to what would lie below a file, and other questions are answered
        request.expected = .successOr(unknownMethod.union([400]))
        return request
    }

    /// What PROPFIND was answered with; nil where a server knows no such thing, or not there.
    func entries(
        _ answer: Result<HTTPResponse, StorageError>, to request: HTTPRequest
    ) throws(StorageError) -> [DAVEntry]? {
        let response = try answer.get()
        if notes(response, "PROPFIND", request.url) || response.status == 400 { return nil }
        guard case .consumer(let consumer) = request.sink, let multistatus = consumer as? Multistatus else { return nil }
        do throws(StorageError) {
            return try multistatus.finished()
        } catch {
            throw StorageError(error.kind, "\(HTTPWording.text(response, of: request)): \(error.message)")
        }
    }

    /// What each URL is; those that are the same are asked for once.
    func stat(_ urls: [HTTPURL]) -> [Result<FileStatus, StorageError>] {
        var places: [HTTPURL: Int] = [:]
        var asked: [HTTPURL] = []
        let which = urls.map { url in
            if let place = places[url] { return place }
            places[url] = asked.count
            asked.append(url)
            return asked.count - 1
        }
        let answers = statOnce(asked)
        return which.map { answers[$0] }
    }

    private func statOnce(_ urls: [HTTPURL]) -> [Result<FileStatus, StorageError>] {
        var answers = [Result<FileStatus, StorageError>?](repeating: nil, count: urls.count)
        let speaking = urls.indices.filter { !lacks("PROPFIND", urls[$0]) }
        let requests = speaking.map { DAVServer.propfind(urls[$0], .itself) }
        for ((place, request), answer) in zip(zip(speaking, requests), perform(requests)) {
            answers[place] = status(answer, to: request)
        }
        let others = answers.indices.filter { answers[$0] == nil }
        let heads = others.map { place in
            var request = HTTPRequest("HEAD", urls[place])
            request.sink = .discard
            return request
        }
        for (place, answer) in zip(others, perform(heads)) { answers[place] = answer.map(DAVServer.status) }
        return answers.compactMap { $0 }
    }

    /// nil where a server has to be asked in another way.
    private func status(
        _ answer: Result<HTTPResponse, StorageError>, to request: HTTPRequest
    ) -> Result<FileStatus, StorageError>? {
        do throws(StorageError) {
            guard let entries = try entries(answer, to: request) else { return nil }
            guard let entry = entries.first else {
                throw StorageError(.transient, "PROPFIND \(request.url.shown): the answer is about nothing")
            }
            guard entry.status == 200 else { throw DAVServer.error(entry.status, "PROPFIND", request.url) }
            return .success(entry.fileStatus)
        } catch {
            return .failure(error)
        }
    }

    /// A status that an answer tells of a resource.
    static func error(_ status: Int, _ method: String, _ url: HTTPURL) -> StorageError {
        // 424 and numbers that are none say nothing that could be relied on
        StorageError(HTTPFailure.kind(of: status), "\(method) \(url.shown): \(status)")
    }

    /// What the head of a file's answer tells.
    static func status(_ response: HTTPResponse) -> FileStatus {
        let isDirectory = response.url.path.hasSuffix("/")
        let modified = response.headers["last-modified"].flatMap(HTTPDate.seconds) ?? 0
        return FileStatus(
            size: isDirectory ? 0 : DAVServer.size(response) ?? 0, modified: modified * 1_000_000_000,
            isDirectory: isDirectory)
    }

    /// Bytes of the whole content, as far as an answer tells.
    static func size(_ response: HTTPResponse) -> UInt64? {
        if response.status == 206, let range = response.headers["content-range"], let slash = range.lastIndex(of: "/") {
            return UInt64(range[range.index(after: slash)...])
        }
        return response.headers["content-length"].flatMap { UInt64($0) }
    }
}
