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

    private let settings: StoreSettings
    private let environment: (String) -> String?
    private let smallestPart: UInt64
    /// By the options that they were made from: stores that are reached alike share connections.
    private var services: [String: Result<S3Service, StorageError>] = [:]
    private var known = S3Known()

    public convenience init(_ settings: StoreSettings) { self.init(settings, Environment.get) }

    init(
        _ settings: StoreSettings, _ environment: @escaping (String) -> String?, smallestPart: UInt64 = S3Parts.smallest
    ) {
        self.settings = settings
        self.environment = environment
        self.smallestPart = smallestPart
    }

    // MARK: one service after the other

    private func service(of target: TargetRef) throws(StorageError) -> S3Service {
        let options = settings.options(for: target)
        let key = options.text
        if let service = services[key] { return try service.get() }
        let made: Result<S3Service, StorageError>
        do throws(StorageError) {
            made = .success(try S3Service(StoreOptions(options), environment, smallestPart: smallestPart))
        } catch {
            made = .failure(error)
        }
        services[key] = made
        return try made.get()
    }

    /// Splits a batch by the services that are to answer, and puts the answers in order.
    private func each<Item, Answer>(
        _ items: [Item], _ target: (Item) -> TargetRef,
        _ ask: (S3Service, [(item: Item, place: S3Location)]) -> [Result<Answer, StorageError>]
    ) -> [Result<Answer, StorageError>] {
        var answers = [Result<Answer, StorageError>](
            repeating: .failure(StorageError(.transient, "there was no answer")), count: items.count)
        var shares: [ObjectIdentifier: (service: S3Service, indices: [Int], asked: [(item: Item, place: S3Location)])] = [:]
        for (i, item) in items.enumerated() {
            do throws(StorageError) {
                let place = try S3Location(target(item))
                let service = try service(of: target(item))
                shares[ObjectIdentifier(service), default: (service, [], [])].indices.append(i)
                shares[ObjectIdentifier(service)]?.asked.append((item, place))
            } catch {
                answers[i] = .failure(error)
            }
        }
        for share in shares.values.sorted(by: { $0.indices[0] < $1.indices[0] }) {
            for (i, answer) in zip(share.indices, ask(share.service, share.asked)) { answers[i] = answer }
        }
        return answers
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
        .map { $0.there }
    }

    public func list(_ directories: [TargetRef]) -> [Result<[DirectoryEntry], StorageError>] {
        each(directories, \.self) { service, asked in S3Looking(service: service).list(asked.map(\.place)) }
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

extension Result<Existence, StorageError> {
    fileprivate var there: Existence {
        switch self {
        case .success(let there): there
        case .failure(let error): .unknown(error)
        }
    }
}
