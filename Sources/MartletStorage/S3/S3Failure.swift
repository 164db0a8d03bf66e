import MartletPorts

/// What S3 says when it refuses: a code and a sentence, in XML.
///
/// Source: "Error responses", Amazon S3 API reference; besides codes of Ceph's and MinIO's.
struct S3Failure: Equatable {
    var code = ""
    var message = ""
    /// Where the bucket lies, when the request went elsewhere.
    var region: String?

    init() {}

    /// Empty where the answer is none of these, or has no body, as after HEAD.
    init(_ response: HTTPResponse) {
        guard !response.isSuccess || S3Failure.isHidden(response), !response.body.isEmpty else { return }
        // what is no XML is told of by its status
        do throws(StorageError) {
            let elements = try XMLElements(response.body)
            code = elements["Error/Code"] ?? ""
            message = elements["Error/Message"] ?? ""
            region = elements["Error/Region"]
        } catch {}
    }

    /// Whether a 200 holds an error: calls that take long begin their answers before they know how they end.
    static func isHidden(_ response: HTTPResponse) -> Bool {
        guard response.status == 200 else { return false }
        // other answers have elements of this name too, further in
        var start = String(decoding: response.body.prefix(512), as: UTF8.self).drop(while: \.isWhitespace)
        if start.hasPrefix("<?"), let end = start.range(ofFirst: "?>") {
            start = start[end.upperBound...].drop(while: \.isWhitespace)
        }
        return start.hasPrefix("<Error>") || start.hasPrefix("<Error ")
    }

    /// The class; nil for a code that is not known, of which the status must tell.
    static func kind(of code: String) -> StorageError.Class? {
        switch code {
        case "NoSuchKey", "NoSuchUpload", "NoSuchVersion": .absent
        // nothing is found out about what should be in it
        case "NoSuchBucket": .unsupported
        case "AccessDenied", "AccountProblem", "AllAccessDisabled", "AuthorizationHeaderMalformed", "ExpiredToken",
            "InvalidAccessKeyId", "InvalidToken", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "TokenRefreshRequired",
            "UnauthorizedAccess", "XMinioAdminBucketQuotaDisabled":
            .denied
        case "SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "OperationAborted", "Busy",
            "RequestLimitExceeded", "ThrottlingException", "ConditionalRequestConflict", "PreconditionFailed":
            .transient
        case "BadDigest", "InvalidDigest", "IncompleteBody", "XAmzContentSHA256Mismatch": .corrupt
        case "QuotaExceeded", "XMinioAdminBucketQuotaExceeded", "XMinioStorageFull", "InsufficientCapacity": .full
        case "EntityTooLarge", "EntityTooSmall", "InvalidArgument", "InvalidBucketName", "InvalidPart", "InvalidPartOrder",
            "InvalidRequest", "KeyTooLongError", "MethodNotAllowed", "NotImplemented", "PermanentRedirect":
            .unsupported
        default: nil
        }
    }

    /// - Parameters:
    ///   - minutesOff: how far the clock here was found to be off.
    func error(_ response: HTTPResponse, asked request: HTTPRequest, minutesOff: Int64) -> StorageError {
        let kind = S3Failure.kind(of: code) ?? (response.isSuccess ? .transient : HTTPFailure.kind(of: response.status))
        var words = "\(request.method) \(response.url.shown): \(code.isEmpty ? String(response.status) : code)"
        if code.isEmpty && !response.reason.isEmpty { words += " \(HTTPWording.plain(response.reason, limit: 80))" }
        if !message.isEmpty { words += ": \(HTTPWording.plain(message, limit: 200))" }
        if code == "RequestTimeTooSkewed" || (kind == .denied && minutesOff != 0) {
            words += "; the clock of this machine is off by \(abs(minutesOff)) minutes: set it right"
        }
        if code == "NoSuchBucket" { words += "; make the bucket, or correct the store's url or endpoint" }
        return StorageError(kind, HTTPWording.redacted(words, request))
    }
}
