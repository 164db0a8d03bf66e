import MartletPorts

/// What is said of a request that went wrong: who was asked for what, the status, and the server's own words where they
/// are short enough to be some. Queries and secrets are left out.
enum HTTPWording {
    static func error(_ failure: HTTPFailure, of request: HTTPRequest, at url: HTTPURL) -> StorageError {
        let text = "\(request.method) \(url.shown): \(redacted(failure.words, request))"
        let isRefusal = failure.kind == .denied && request.certificate != nil
        return StorageError(failure.kind, isRefusal ? "\(text) (asked \(request.identity))" : text)
    }

    static func error(_ response: HTTPResponse, of request: HTTPRequest) -> StorageError {
        StorageError(HTTPFailure.kind(of: response.status), text(response, of: request))
    }

    static func text(_ response: HTTPResponse, of request: HTTPRequest) -> String {
        var parts = ["\(request.method) \(response.url.shown): \(response.status)"]
        if !response.reason.isEmpty { parts[0] += " \(redacted(plain(response.reason, limit: 80), request))" }
        let words = redacted(plain(String(decoding: response.body.prefix(4096), as: UTF8.self), limit: 200), request)
        if !words.isEmpty && words != response.reason { parts.append(words) }
        let text = parts.joined(separator: ": ")
        let isRefusal = [401, 403].contains(response.status) && !request.identity.isEmpty
        return isRefusal ? "\(text) (asked \(request.identity))" : text
    }

    static func redacted(_ text: String, _ request: HTTPRequest) -> String {
        var text = text
        for secret in request.secrets where secret.utf8.count >= 4 {
            while let found = text.range(ofFirst: secret) { text.replaceSubrange(found, with: "[secret]") }
        }
        return text
    }

    /// What is meant to be read of a text or page, in one line. Headings of pages only repeat the status.
    static func plain(_ text: String, limit: Int) -> String {
        var words = ""
        var count = 0
        var tag = ""
        var isTag = false
        var isHeading = false
        var isGap = false
        for scalar in text.unicodeScalars {
            if isTag {
                if scalar != ">" {
                    tag.unicodeScalars.append(scalar)
                    continue
                }
                isTag = false
                let name = tag.lowercased().prefix { $0 != " " }
                if headings.contains(String(name)) { isHeading = true }
                if name.hasPrefix("/"), headings.contains(String(name.dropFirst())) { isHeading = false }
            } else if scalar == "<" {
                (isTag, isGap, tag) = (true, true, "")
            } else if scalar.properties.isWhitespace || scalar.value < 32 || (127..<160).contains(scalar.value) {
                isGap = true
            } else if !isHeading {
                if isGap && !words.isEmpty { words += " " }
                isGap = false
                words.unicodeScalars.append(scalar)
                count += 1
                if count >= limit { return words + "…" }
            }
        }
        return words
    }

    private static let headings: Set<String> = ["title", "h1", "style", "script"]
}
