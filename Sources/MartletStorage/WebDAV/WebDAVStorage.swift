import MartletModel
import MartletPorts
import MartletSystem

/// Files behind HTTP: WebDAV as dCache, EOS, XRootD, CERNBox, Nextcloud and apache speak it; servers of plain HTTP to
/// read from.
///
/// Locations are the path as the store knows it, behind `https://host`: nothing is percent-encoded, `?` and `#` are
/// characters as others are. Files are sent under a temporary name, compared, and moved; where a server has no MOVE,
/// they are sent under their own name, and it is the server's to show them only when they are complete.
public struct WebDAVStorage: RemoteStore {
    public static let schemes = ["http", "https", "dav", "davs"]

    private let settings: StoreSettings
    // Unchecked for threads: back ends are used from one at a time.
    nonisolated(unsafe) private let servers = Servers()

    /// One for each set of options that counts for some target.
    private final class Servers {
        var known: [(options: JSON, server: Result<DAVServer, StorageError>)] = []
    }

    public init(_ settings: StoreSettings) { self.settings = settings }

    // MARK: the port

    public func stat(_ targets: [TargetRef]) -> [Result<FileStatus, StorageError>] {
        spread(targets, \.self) { server, targets in server.stat(targets.map(\.target.url)) }
    }

    public func look(_ targets: [TargetRef], while planning: PlanningID?) -> [Existence] {
        let answers: [Result<Existence, StorageError>] = spread(targets, \.self) { server, targets in
            server.look(targets.map(\.target), while: planning).map { .success($0) }
        }
        return answers.map { answer in
            switch answer {
            case .success(let existence): existence
            case .failure(let error): .unknown(error)
            }
        }
    }

    public func list(_ directories: [TargetRef]) -> [Result<[DirectoryEntry], StorageError>] {
        spread(directories, \.self) { server, targets in
            server.list(targets.map(\.target.url)).map { $0.map(WebDAVStorage.entries) }
        }
    }

    private static func entries(_ children: [DAVEntry]) -> [DirectoryEntry] {
        children.filter { $0.status != 404 }
            .map { DirectoryEntry(name: $0.name, isDirectory: $0.isDirectory, size: $0.size, modified: $0.modified) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    public func read(_ target: TargetRef, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        one(target) { server, target in server.read(target, offset: offset, count: count) }
    }

    public func put(_ bytes: [UInt8], besides target: TargetRef) -> Result<TargetRef, StorageError> {
        one(target) { server, target in
            server.listings.forget()
            do throws(StorageError) {
                let temporary = try DAVServer.temporary(besides: target)
                let answer = server.perform([DAVServer.putting(.bytes(bytes), temporary.url)])[0]
                return DAVServer.put(answer, target).map { temporary.ref }
            } catch {
                return .failure(error)
            }
        }
    }

    public func commit(_ moves: [Move]) -> [Result<Void, StorageError>] {
        spread(moves, \.target) { server, moves in
            var answers = [Result<Void, StorageError>?](repeating: nil, count: moves.count)
            var able: [(place: Int, temporary: DAVTarget, target: DAVTarget)] = []
            for (place, (target, move)) in moves.enumerated() {
                do throws(StorageError) {
                    able.append((place, try WebDAVStorage.temporary(move, as: target), target))
                } catch {
                    answers[place] = .failure(error)
                }
            }
            var known: [(place: Int, move: DAVMove)] = []
            for (one, status) in zip(able, server.stat(able.map(\.temporary.url))) {
                switch status {
                case .failure(let error): answers[one.place] = .failure(error)
                case .success(let status):
                    known.append((one.place, DAVMove(temporary: one.temporary, target: one.target, size: status.size)))
                }
            }
            for ((place, _), answer) in zip(known, server.commit(known.map(\.move))) { answers[place] = answer }
            return answers.compactMap { $0 }
        }
    }

    private static func temporary(_ move: Move, as target: DAVTarget) throws(StorageError) -> DAVTarget {
        let temporary = try DAVTarget(move.temporary)
        guard temporary.url.origin == target.url.origin else {
            throw StorageError(.unsupported, "\(move.temporary) is in another store than \(move.target)")
        }
        guard temporary.url != target.url else {
            throw StorageError(.unsupported, "\(move.target) is the temporary file itself")
        }
        return temporary
    }

    public func checksum(_ targets: [TargetRef]) -> [Result<Checksum, StorageError>] {
        spread(targets, \.self) { server, targets in server.checksum(targets.map(\.target)) }
    }

    public func delete(_ targets: [TargetRef]) -> [Result<Void, StorageError>] {
        spread(targets, \.self) { server, targets in server.delete(targets.map(\.target)) }
    }

    public func mkdir(_ directories: [TargetRef]) -> [Result<Void, StorageError>] {
        spread(directories, \.self) { server, targets in server.mkdir(targets.map(\.target.url)) }
    }

    public func fetch(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        let sum = ProgressSum(transfers.count, progress)
        defer { sum.end() }
        return spread(transfers, \.target) { server, transfers in
            server.fetch(transfers.map { ($0.target, $0.item) }, sum.next())
        }
    }

    public func store(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        let sum = ProgressSum(transfers.count, progress)
        defer { sum.end() }
        return spread(transfers, \.target) { server, transfers in
            server.store(transfers.map { ($0.target, $0.item) }, sum.next())
        }
    }

    // MARK: which server

    private func one<T>(
        _ target: TargetRef, _ ask: (DAVServer, DAVTarget) -> Result<T, StorageError>
    ) -> Result<T, StorageError> {
        spread([target], \.self) { server, targets in [ask(server, targets[0].target)] }[0]
    }

    /// Asks every server about its own part of the items, and lays the answers together in the items' order.
    private func spread<Item, T>(
        _ items: [Item], _ ref: (Item) -> TargetRef,
        _ ask: (DAVServer, [(target: DAVTarget, item: Item)]) -> [Result<T, StorageError>]
    ) -> [Result<T, StorageError>] {
        var answers = [Result<T, StorageError>?](repeating: nil, count: items.count)
        var groups: [(server: DAVServer, members: [(place: Int, target: DAVTarget)])] = []
        var memory = HTTPPath.OriginMemory()
        // most targets of a batch lie in the directory of the one before, and what settings say counts below a URL
        var last: (directory: Substring.UTF8View, group: Int)?
        for (place, item) in items.enumerated() {
            do throws(StorageError) {
                let target = try DAVTarget(ref(item), &memory)
                let directory = target.directory
                if let last, last.directory.elementsEqual(directory), !settings.isTop(target.ref) {
                    groups[last.group].members.append((place, target))
                    continue
                }
                let server = try server(for: target)
                defer { last = groups.firstIndex { $0.server === server }.map { (directory, $0) } }
                if let group = groups.firstIndex(where: { $0.server === server }) {
                    groups[group].members.append((place, target))
                } else {
                    groups.append((server, [(place, target)]))
                }
            } catch {
                answers[place] = .failure(error)
            }
        }
        for (server, members) in groups {
            let asked = ask(server, members.map { ($0.target, items[$0.place]) })
            for (member, answer) in zip(members, asked) { answers[member.place] = answer }
        }
        return answers.compactMap { $0 }
    }

    private func server(for target: DAVTarget) throws(StorageError) -> DAVServer {
        let options = settings.options(for: target.ref)
        let server: DAVServer
        if let known = servers.known.first(where: { $0.options == options }) {
            server = try known.server.get()
        } else {
            let made = Result { () throws(StorageError) in try DAVServer(StoreOptions(options)) }
            servers.known.append((options, made))
            server = try made.get()
        }
        let isNamed = options["url"] != nil || target.ref.scheme.hasPrefix("dav")
        if isNamed { server.credentials.show(to: target.url.origin) }
        return server
    }
}
