import MartletModel

/// Why a store could not do what was asked.
public struct StorageError: Error, Hashable, Sendable {
    public enum Class: String, CaseIterable, Sendable {
        /// The store says that nothing is there.
        case absent
        /// The store refuses us: permissions, credentials.
        case denied
        /// Worth another try later: timeouts, broken connections, overload.
        case transient
        /// No space or quota left.
        case full
        /// What was read is not what was written.
        case corrupt
        /// This store cannot do that.
        case unsupported
    }
    public var kind: Class
    /// The kind of error that it is to the user.
    public var code: Diagnostic.Code {
        switch kind {
        case .absent: return .storageAbsent
        case .denied: return .storageDenied
        case .transient: return .storageTransient
        case .full: return .storageFull
        case .corrupt: return .storageCorrupt
        case .unsupported: return .storageUnsupported
        }
    }
    /// The store's own words, without credentials.
    public var message: String
    public init(_ kind: Class, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
