import MartletModel
import MartletPorts
import MartletSystem

/// Objects in S3: Amazon's, Ceph's, MinIO's, and whatever else speaks the protocol.
///
/// S3 has no directories and no renaming. A directory is there when an object has its prefix; one that was made by `mkdir`
/// is an empty object whose key ends in a slash. A temporary file is an upload in parts that has not been completed: nobody
/// sees it, and completing it under its own key is one step. Large files are stored the same way; small ones with one
/// request, which S3 carries out whole or not at all.
public final class S3Storage: RemoteStore, @unchecked Sendable {
    // Unchecked: back ends are used from one thread at a time.

    public static let schemes = ["s3"]

    private var services: ServicesByOptions<S3Service>
    private var known = S3Known()

    public convenience init(_ settings: StoreSettings) { self.init(settings, Environment.get) }

    init(
        _ settings: StoreSettings, _ environment: @escaping (String) -> String?, smallestPart: UInt64 = S3Limits.smallestPart
    ) {
        services = ServicesByOptions(settings) { (options) throws(StorageError) in
            try S3Service(options, environment, smallestPart: smallestPart)
        }
    }

    private func each<Item, Answer>(
        _ items: [Item], _ target: (Item) -> TargetRef,
        _ ask: (S3Service, [(item: Item, place: S3Location)]) -> [Result<Answer, StorageError>]
    ) -> [Result<Answer, StorageError>] {
        services.each(items, target, { (target) throws(StorageError) in try S3Location(target) }, ask)
    }

    // MARK: the port

    public func stat(_ targets: [TargetRef]) -> [Result<FileStatus, StorageError>] {
        each(targets, \.self) { service, asked in S3Looking(service: service).stat(asked.map(\.place)) }
    }

    public func look(_ targets: [TargetRef], while planning: PlanningID?) -> [Existence] {
        known.begin(planning)
        return each(targets, \.self) { service, asked in
            S3Looking(service: service).look(asked.map(\.place), &self.known)
        }
        .map(Existence.init(looked:))
    }

    public func list(_ directories: [TargetRef]) -> [Result<[DirectoryEntry], StorageError>] {
        each(directories, \.self) { service, asked in S3Looking(service: service).list(asked.map(\.place)) }
    }

    public func unfinished(_ directories: [TargetRef]) -> [Result<[UnfinishedUpload], StorageError>] {
        each(directories, \.self) { service, asked in S3UploadLister(service: service).list(asked.map(\.place)) }
    }

    public func read(_ target: TargetRef, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        let answers = each([target], \.self) { service, asked in
            asked.map { S3Looking(service: service).read($0.place, offset: offset, count: count) }
        }
        return answers[0]
    }

    public func put(_ bytes: [UInt8], besides target: TargetRef) -> Result<TargetRef, StorageError> {
        let answers = each([target], \.self) { service, asked in
            asked.map { S3Changing(service: service).put(bytes, $0.place).map(\.target) }
        }
        return answers[0]
    }

    public func commit(_ moves: [Move]) -> [Result<Void, StorageError>] {
        each(moves, \.target) { service, asked in
            S3Changing(service: service).commit(asked.map { ($0.item.temporary, $0.place) })
        }
    }

    public func checksum(_ targets: [TargetRef]) -> [Result<Checksum, StorageError>] {
        each(targets, \.self) { service, asked in S3Looking(service: service).checksum(asked.map(\.place)) }
    }

    public func delete(_ targets: [TargetRef]) -> [Result<Void, StorageError>] {
        each(targets, \.self) { service, asked in S3Changing(service: service).delete(asked.map(\.place)) }
    }

    public func mkdir(_ directories: [TargetRef]) -> [Result<Void, StorageError>] {
        each(directories, \.self) { service, asked in S3Changing(service: service).mkdir(asked.map(\.place)) }
    }

    public func fetch(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        each(transfers, \.target) { service, asked in
            S3Transfers(service: service, progress: progress).fetch(asked.map { ($0.item, $0.place) })
        }
    }

    public func store(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        each(transfers, \.target) { service, asked in
            S3Transfers(service: service, progress: progress).store(asked.map { ($0.item, $0.place) })
        }
    }
}
