import MartletModel
import MartletPorts
import MartletSystem

/// Where S3 is served, and how buckets are named there.
///
/// From the settings of the store, else from the environment and the user's files, as the tools of AWS read them.
struct S3Settings: Sendable {
    /// Without the bucket; its path is put before the bucket's.
    var endpoint: HTTPURL
    /// Whether the endpoint was named, and so is not one of Amazon's own, which differ by region.
    var isCustom: Bool
    var region: String
    /// The bucket as the first part of the path, rather than of the host's name.
    var isPathStyle: Bool
    var keys: S3Keys

    /// - Parameters:
    ///   - options: `endpoint`, `region`, `path_style`; those of `S3Keys`.
    ///   - environment: of the process: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_DEFAULT_REGION`; those of
    ///     `S3Keys`.
    init(_ options: StoreOptions, _ environment: @escaping (String) -> String?) throws(StorageError) {
        keys = try S3Keys(options, environment)
        func variable(_ names: String...) -> String? {
            names.lazy.compactMap { environment($0) }.first { !$0.isEmpty }
        }
        region = try options.text("region") ?? variable("AWS_REGION", "AWS_DEFAULT_REGION") ?? keys.setting("region") ?? "us-east-1"
        let named = try options.text("endpoint") ?? variable("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL") ?? keys.setting("endpoint_url")
        isCustom = named != nil
        endpoint = try S3Settings.url(named ?? S3Settings.ofAmazon(region))
        isPathStyle = try options.flag("path_style") ?? isCustom
    }

    private static func ofAmazon(_ region: String) -> String {
        "https://s3.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
    }

    private static func url(_ text: String) throws(StorageError) -> HTTPURL {
        var text = text.range(ofFirst: "://") == nil ? "https://\(text)" : text
        while text.hasSuffix("/") { text.removeLast() }
        guard let url = HTTPURL(text), url.query == nil else {
            throw StorageError(.unsupported, "the endpoint of S3 is no URL of http or https: host, port and path are expected")
        }
        return url
    }

    /// The URL of an object, or with an empty key of its bucket.
    /// - Parameter region: where the bucket lies, once that is known.
    func url(_ place: S3Location, query: String, in region: String) throws(StorageError) -> HTTPURL {
        var url = isCustom ? endpoint : try S3Settings.url(S3Settings.ofAmazon(region))
        let base = url.path == "/" ? "" : url.path
        var path = base + "/"
        if isPathStyle || !S3Settings.isHostLabel(place.bucket) {
            path += place.bucket + (place.key.isEmpty ? "" : "/")
        } else {
            url.origin.host = "\(place.bucket).\(url.origin.host)"
        }
        url.path = path + PercentEncoding.text(place.key, keepingSlashes: true)
        url.query = query.isEmpty ? nil : query
        return url
    }

    /// A dot would not fit the certificates, and names of hosts have no capitals or underscores.
    private static func isHostLabel(_ bucket: String) -> Bool {
        bucket.utf8.count <= 63 && bucket.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}
