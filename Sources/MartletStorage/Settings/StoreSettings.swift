import MartletModel
import MartletPorts

/// What the configuration says of stores: for each a URL, and options that count for everything below it. May hold
/// secrets: it is never printed, and goes to other processes over a socket alone.
public struct StoreSettings: Sendable {
    private let stores: [(url: String, options: JSON)]

    /// - Parameter json: an array of objects with `url` and options; what has no `url` is passed over.
    public init(_ json: JSON = .array([])) {
        stores = (json.array ?? []).compactMap { entry in
            entry["url"]?.string.map { (StoreSettings.withoutSlash($0), entry) }
        }
        // the longest URL that fits counts
        .sorted { $0.url.utf8.count > $1.url.utf8.count }
    }

    /// The options that count for a target: of the store with the longest URL that it lies below, `url` and `name`
    /// included; an empty object where there is none.
    public func options(for target: TargetRef) -> JSON {
        for store in stores where StoreSettings.lies(target.location, below: store.url) { return store.options }
        return .object([])
    }

    /// Whether a target is the place of a store itself: its neighbours may have other options.
    func isTop(_ target: TargetRef) -> Bool { stores.contains { $0.url == StoreSettings.withoutSlash(target.location) } }

    /// Whether any store says something under this name.
    func mention(_ option: String) -> Bool { stores.contains { $0.options[option] != nil } }

    private static func lies(_ location: String, below url: String) -> Bool {
        guard location.hasPrefix(url) else { return false }
        let rest = location.utf8.dropFirst(url.utf8.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }

    private static func withoutSlash(_ url: String) -> String {
        var url = url[...]
        while url.hasSuffix("/") && !url.hasSuffix("://") { url = url.dropLast() }
        return String(url)
    }
}

/// A back end that is made from what the configuration says, and lives in a courier.
public protocol RemoteStore: StorageBackend {
    init(_ settings: StoreSettings)
}
