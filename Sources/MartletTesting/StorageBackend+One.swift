import MartletModel
import MartletPorts

/// One target at a time, for contracts and tests: the port itself has no such calls.
extension StorageBackend {
    public func stat(_ target: TargetRef) -> Result<FileStatus, StorageError> { one(stat([target])) }
    public func list(_ directory: TargetRef) -> Result<[DirectoryEntry], StorageError> { one(list([directory])) }
    public func checksum(_ target: TargetRef) -> Result<Checksum, StorageError> { one(checksum([target])) }
    public func delete(_ target: TargetRef) -> Result<Void, StorageError> { one(delete([target])) }
    public func mkdir(_ directory: TargetRef) -> Result<Void, StorageError> { one(mkdir([directory])) }
    public func commit(_ temporary: TargetRef, as target: TargetRef) -> Result<Void, StorageError> {
        one(commit([Move(temporary, to: target)]))
    }
    public func fetch(_ transfer: Transfer) -> Result<FileStatus, StorageError> { one(fetch([transfer]) { _ in }) }
    public func store(_ transfer: Transfer) -> Result<FileStatus, StorageError> { one(store([transfer]) { _ in }) }

    private func one<T>(_ answers: [Result<T, StorageError>]) -> Result<T, StorageError> {
        if answers.count == 1 { return answers[0] }
        return .failure(StorageError(.corrupt, "\(answers.count) answers to one question"))
    }
}
