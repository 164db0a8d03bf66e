import MartletPorts

/// An upload of which every part has arrived, and that is to become an object.
struct S3Completion {
    var upload: S3Upload
    /// Of its parts, in order.
    var tags: [String]

    /// Completes all at once. What is told as gone may have been completed, the answer to an earlier request lost: then
    /// the object is there with the tag that these parts make.
    static func carryOut(_ all: [S3Completion], by service: S3Service) -> [Result<Void, StorageError>] {
        var answers = service.perform(all.map { $0.upload.complete($0.tags) }).map { answer in answer.map { _ in } }
        let gone = all.indices.filter { i in
            if case .failure(let error) = answers[i] { error.kind == .absent } else { false }
        }
        for (i, object) in zip(gone, S3Looking(service: service).objects(gone.map { all[$0].upload.place })) {
            answers[i] = all[i].meaning(of: object)
        }
        return answers
    }

    private func meaning(of object: Result<S3Object, StorageError>) -> Result<Void, StorageError> {
        switch object {
        case .success(let object) where object.tag != nil && object.tag == S3Upload.wholeTag(tags): .success(())
        case .failure(let error) where error.kind != .absent: .failure(error)
        default:
            .failure(StorageError(.transient, "the upload to \(upload.place.target) is gone, and what is there is something else"))
        }
    }
}
