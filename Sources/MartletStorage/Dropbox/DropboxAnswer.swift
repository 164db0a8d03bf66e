import MartletModel
import MartletPorts

/// What Dropbox says to a call.
struct DropboxAnswer {
    var response: HTTPResponse
    /// Of a refusal: tags joined by slashes, `path/not_found/…`; empty when there was none.
    var summary = ""
    var json: JSON?

    init(_ response: HTTPResponse) {
        self.response = response
        json = DropboxAnswer.json(response)
        if !response.isSuccess { summary = json?["error_summary"]?.string ?? "" }
    }

    /// nil for what is no JSON.
    static func json(_ response: HTTPResponse) -> JSON? {
        do throws(JSONError) { return try JSON.parse(response.body) } catch { return nil }
    }

    /// The class of a refusal; nil for one that is not known, of which the status must tell.
    ///
    /// Source: the errors of each call in the documentation of the HTTP API.
    static func kind(of summary: String) -> StorageError.Class? {
        let tags = summary.split(separator: "/").map(String.init)
        func has(_ wanted: String...) -> Bool { tags.contains { wanted.contains($0) } }
        if has("insufficient_space", "insufficient_quota", "upload_traffic_limit_reached")
            || tags.contains(where: { $0.hasSuffix("_insufficient_space") })
        {
            return .full
        }
        if has("too_many_write_operations", "too_many_requests", "internal_error", "incorrect_offset", "reset") { return .transient }
        if has("content_hash_mismatch") { return .corrupt }
        if has("no_write_permission", "access_restricted", "restricted_content", "missing_scope", "access_error", "no_permission")
            || has("invalid_access_token", "expired_access_token", "user_suspended", "operation_suppressed", "locked")
        {
            return .denied
        }
        if has("conflict", "malformed_path", "disallowed_name", "not_file", "unsupported_file", "payload_too_large", "team_folder") {
            return .unsupported
        }
        if has("not_found", "not_folder") { return .absent }
        return nil
    }

    /// The refusal as an error.
    static func error(_ summary: String, _ status: Int, _ subject: String) -> StorageError {
        let kind = kind(of: summary) ?? (status == 409 ? .unsupported : HTTPFailure.kind(of: status))
        let words = summary.isEmpty ? "status \(status)" : HTTPWording.plain(summary, limit: 120)
        return StorageError(kind, "Dropbox, \(subject): \(words)")
    }
}
