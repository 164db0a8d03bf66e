import MartletModel
import MartletPorts

/// What XRootD's door for HTTP (5.5) does in its own way.
extension DAVServer {
    /// It promises bytes that lie beyond the end of a file, and closes instead of sending them.
    static let rangesBeyondTheEnd = "ranges beyond the end"
    /// It takes a Destination as it is written, `%20` and all, where the RFC has a URL.
    private static let encodedDestinations = "encoded destinations"
    private static let isXRootD = "being another server than XRootD"

    func noteKind(_ response: HTTPResponse) {
        if response.headers["server"]?.hasPrefix("XrootD") == true { note(lacking: DAVServer.isXRootD, response.url) }
    }

    /// How a MOVE is told where to.
    func destination(_ url: HTTPURL) -> String {
        lacks(DAVServer.encodedDestinations, url) ? url.origin.text + url.plainPath : url.text
    }

    /// Looks whether files that were moved have the names that were meant, where those need encoding, and gives them
    /// these where they have not.
    func rightNames(_ moves: [DAVMove], _ answers: inout [Result<Void, StorageError>?]) {
        let doubtful = moves.indices.filter { place in
            let url = moves[place].target.url
            guard case .success? = answers[place], url.path.utf8.contains(UInt8(ascii: "%")) else { return false }
            return lacks(DAVServer.isXRootD, url) && !lacks(DAVServer.encodedDestinations, url)
        }
        let wrong = zip(doubtful, stat(doubtful.map { moves[$0].target.url })).filter { _, status in
            if case .failure(let error) = status { error.kind == .absent } else { false }
        }.map(\.0)
        for place in wrong { note(lacking: DAVServer.encodedDestinations, moves[place].target.url) }
        let requests = wrong.map { place in
            let url = moves[place].target.url
            var request = HTTPRequest(
                "MOVE", HTTPURL(origin: url.origin, path: PercentEncoding.text(url.path, keepingSlashes: true)))
            request.headers = ["Destination": destination(url), "Overwrite": "T"]
            return request
        }
        for (place, answer) in zip(wrong, perform(requests)) { answers[place] = answer.map { _ in } }
    }
}
