import MartletModel
import MartletPorts
import MartletSystem

/// Files in Dropbox: `dropbox:///folder/file`.
///
/// Names that differ in case alone are one file there. What was sent and not committed is nobody's to see, and gone after
/// seven days.
public final class DropboxStorage: RemoteStore, @unchecked Sendable {
    // Unchecked: back ends are used from one thread at a time.

    public static let schemes = ["dropbox"]

    private var services: ServicesByOptions<DropboxService>
    private var known = DropboxKnown()

    public convenience init(_ settings: StoreSettings) { self.init(settings, Environment.get) }

    init(_ settings: StoreSettings, _ environment: @escaping (String) -> String?) {
        services = ServicesByOptions(settings) { (options) throws(StorageError) in try DropboxService(options, environment) }
    }

    private func each<Item, Answer>(
        _ items: [Item], _ target: (Item) -> TargetRef,
        _ ask: (DropboxService, [(item: Item, place: DropboxPath)]) -> [Result<Answer, StorageError>]
    ) -> [Result<Answer, StorageError>] {
        services.each(items, target, { (target) throws(StorageError) in try DropboxPath(target) }, ask)
    }

    public func stat(_ targets: [TargetRef]) -> [Result<FileStatus, StorageError>] {
        each(targets, \.self) { service, asked in
            DropboxLooking(service: service).entries(asked.map(\.place)).map { $0.map(\.status) }
        }
    }

    public func look(_ targets: [TargetRef], while planning: PlanningID?) -> [Existence] {
        known.begin(planning)
        return each(targets, \.self) { service, asked in
            DropboxLooking(service: service).look(asked.map(\.place), &self.known)
        }
        .map(Existence.init(looked:))
    }

    public func list(_ directories: [TargetRef]) -> [Result<[DirectoryEntry], StorageError>] {
        each(directories, \.self) { service, asked in
            DropboxLooking(service: service).list(asked.map(\.place)).map { entries in
                entries.map { entries in
                    entries.map { entry in
                        DirectoryEntry(
                            name: entry.name, isDirectory: entry.status.isDirectory,
                            size: entry.status.isDirectory ? nil : entry.status.size,
                            modified: entry.status.modified == 0 ? nil : entry.status.modified)
                    }
                    .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
                }
            }
        }
    }

    public func read(_ target: TargetRef, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        let answers = each([target], \.self) { service, asked in
            asked.map { DropboxLooking(service: service).read($0.place, offset: offset, count: count) }
        }
        return answers[0]
    }

    public func put(_ bytes: [UInt8], besides target: TargetRef) -> Result<TargetRef, StorageError> {
        let answers = each([target], \.self) { service, asked in
            asked.map { DropboxChanging(service: service).put(bytes, $0.place).map(\.target) }
        }
        return answers[0]
    }

    public func commit(_ moves: [Move]) -> [Result<Void, StorageError>] {
        each(moves, \.target) { service, asked in
            DropboxChanging(service: service).commit(asked.map { ($0.item.temporary, $0.place) })
        }
    }

    public func checksum(_ targets: [TargetRef]) -> [Result<Checksum, StorageError>] {
        each(targets, \.self) { service, asked in DropboxLooking(service: service).checksum(asked.map(\.place)) }
    }

    public func delete(_ targets: [TargetRef]) -> [Result<Void, StorageError>] {
        each(targets, \.self) { service, asked in DropboxChanging(service: service).delete(asked.map(\.place)) }
    }

    public func mkdir(_ directories: [TargetRef]) -> [Result<Void, StorageError>] {
        each(directories, \.self) { service, asked in DropboxChanging(service: service).mkdir(asked.map(\.place)) }
    }

    public func fetch(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        each(transfers, \.target) { service, asked in
            DropboxTransfers(service: service, progress: progress).fetch(asked.map { ($0.item, $0.place) })
        }
    }

    public func store(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        each(transfers, \.target) { service, asked in
            DropboxTransfers(service: service, progress: progress).store(asked.map { ($0.item, $0.place) })
        }
    }
}
