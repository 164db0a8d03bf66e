import MartletModel
import MartletPorts

/// What stores answer to a `StoreRequest`: for each target `{"ok": true, …}` or `{"error": class, "message": …}`; to `look`
/// a `LookedFrame`.
public struct StoreAnswer: Sendable {
    public var answers: [JSON]
    /// read: the content.
    public var bytes: [UInt8]
    /// look.
    var existences: [Existence]?
    public let header: JSON

    init(_ answers: [JSON], bytes: [UInt8] = []) {
        self.answers = answers
        self.bytes = bytes
        header = .object([JSONMember("answers", .array(answers))])
    }

    init(_ existences: [Existence]) {
        self.existences = existences
        answers = []
        let frame = LookedFrame.encoded(existences)
        bytes = frame.bytes
        header = .object([JSONMember("reasons", frame.reasons)])
    }

    /// One error for all.
    init(refusing request: StoreRequest, _ error: StorageError) {
        if request.operation == .look {
            self.init(request.targets.map { _ in Existence.unknown(error) })
        } else {
            self.init(request.targets.map { _ in StoreAnswer.json(error) })
        }
    }

    /// As it goes to a client.
    var frame: CourierFrame { CourierFrame(header: header, bytes: bytes) }

    /// As it comes from a courier.
    /// - Returns: nil for what is no answer to so many questions.
    init?(_ frame: CourierFrame, to request: StoreRequest) {
        header = frame.header
        bytes = frame.bytes
        answers = frame.header["answers"]?.array ?? []
        if request.operation == .look { existences = LookedFrame.decoded(frame.header["reasons"], frame.bytes) }
        guard (existences?.count ?? answers.count) == request.targets.count else { return nil }
    }

    // MARK: writing

    private static func ok(_ members: [JSONMember] = []) -> JSON { .object([JSONMember("ok", .bool(true))] + members) }

    static func json(_ error: StorageError) -> JSON {
        .object([
            JSONMember("error", .string(error.kind.rawValue)), JSONMember("message", .string(error.message)),
        ])
    }

    private static func json<T>(_ result: Result<T, StorageError>, _ members: (T) -> [JSONMember]) -> JSON {
        switch result {
        case .success(let value): return ok(members(value))
        case .failure(let error): return json(error)
        }
    }

    static func json(_ result: Result<Void, StorageError>) -> JSON { json(result) { [] } }

    static func json(_ result: Result<FileStatus, StorageError>) -> JSON {
        json(result) { status in
            [
                JSONMember("size", .integer(Int64(clamping: status.size))),
                JSONMember("modified", .integer(status.modified)), JSONMember("directory", .bool(status.isDirectory)),
            ]
        }
    }

    /// Each entry an array: name, whether it is a directory, size, time of modification.
    static func json(_ result: Result<[DirectoryEntry], StorageError>) -> JSON {
        json(result) { entries in
            let rows = entries.map { entry in
                JSON.array([
                    .string(entry.name), .bool(entry.isDirectory),
                    entry.size.map { .integer(Int64(clamping: $0)) } ?? .null,
                    entry.modified.map { .integer($0) } ?? .null,
                ])
            }
            return [JSONMember("entries", .array(rows))]
        }
    }

    /// Each upload an array: what it would become, what gives it up, size, time of its last part.
    static func json(_ result: Result<[UnfinishedUpload], StorageError>) -> JSON {
        json(result) { uploads in
            let rows = uploads.map { upload in
                JSON.array([
                    .string(upload.target.location), .string(upload.temporary.location),
                    .integer(Int64(clamping: upload.size)), .integer(upload.modified),
                ])
            }
            return [JSONMember("uploads", .array(rows))]
        }
    }

    static func json(_ result: Result<TargetRef, StorageError>) -> JSON {
        json(result) { [JSONMember("target", .string($0.location))] }
    }

    static func json(_ result: Result<Checksum, StorageError>) -> JSON {
        json(result) { sum in
            [JSONMember("algorithm", .string(sum.algorithm)), JSONMember("digest", .string(sum.digest))]
        }
    }

    // MARK: reading

    /// The answers as values; a failure where one is not what it should be.
    func results<T>(_ value: (JSON) -> T?) -> [Result<T, StorageError>] {
        answers.map { json in
            if json["ok"] == .bool(true) {
                return value(json).map { .success($0) } ?? .failure(StoreAnswer.nonsense(json))
            }
            return .failure(StoreAnswer.error(json) ?? StoreAnswer.nonsense(json))
        }
    }

    static func error(_ json: JSON) -> StorageError? {
        guard let name = json["error"]?.string, let kind = StorageError.Class(rawValue: name) else { return nil }
        return StorageError(kind, json["message"]?.string ?? "")
    }

    /// Never taken for anything that a store says.
    private static func nonsense(_ json: JSON) -> StorageError {
        StorageError(.transient, "an answer that cannot be understood: \(json.text.prefix(80))")
    }

    static func status(_ json: JSON) -> FileStatus? {
        guard let size = json["size"]?.integer, size >= 0, let modified = json["modified"]?.integer,
            let isDirectory = json["directory"]?.bool
        else { return nil }
        return FileStatus(size: UInt64(size), modified: modified, isDirectory: isDirectory)
    }

    static func entries(_ json: JSON) -> [DirectoryEntry]? {
        guard let rows = json["entries"]?.array else { return nil }
        let entries = rows.compactMap { row -> DirectoryEntry? in
            guard let row = row.array, row.count == 4, let name = row[0].string, let isDirectory = row[1].bool else {
                return nil
            }
            return DirectoryEntry(
                name: name, isDirectory: isDirectory, size: row[2].integer.map { UInt64(clamping: $0) },
                modified: row[3].integer)
        }
        return entries.count == rows.count ? entries : nil
    }

    static func uploads(_ json: JSON) -> [UnfinishedUpload]? {
        guard let rows = json["uploads"]?.array else { return nil }
        let uploads = rows.compactMap { row -> UnfinishedUpload? in
            guard let row = row.array, row.count == 4, let target = row[0].string, let temporary = row[1].string,
                let size = row[2].integer, size >= 0, let modified = row[3].integer
            else { return nil }
            return UnfinishedUpload(
                target: TargetRef(target), temporary: TargetRef(temporary), size: UInt64(size), modified: modified)
        }
        return uploads.count == rows.count ? uploads : nil
    }

    static func checksum(_ json: JSON) -> Checksum? {
        guard let algorithm = json["algorithm"]?.string, let digest = json["digest"]?.string else { return nil }
        return Checksum(algorithm: algorithm, digest: digest)
    }
}
