/// Whether something is there.
public enum Existence: Equatable, Sendable {
    case there, absent
    /// It could not be found out, which is never the same as absent.
    case unknown(StorageError)

    public init(_ status: Result<FileStatus, StorageError>) {
        switch status {
        case .success: self = .there
        case .failure(let error): self = error.kind == .absent ? .absent : .unknown(error)
        }
    }
}
