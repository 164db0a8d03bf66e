import MartletModel
import MartletPorts
import MartletStorage
import Synchronization

/// A file system in memory that fails, loses, delays and lies when told to. Locations are absolute paths, plain or
/// behind `mem://`. Safe for use by several threads.
public final class MemoryStorage: StorageBackend {
    public static let schemes = ["mem"]

    public enum Operation: String, CaseIterable, Sendable {
        case stat, list, read, put, commit, checksum, delete, mkdir
    }

    public enum Fault: Equatable, Sendable {
        /// The operation is refused and has no effect.
        case refuse(StorageError)
        /// put, commit, delete, mkdir: the operation has its effect, and is then said to have failed.
        case actAndFail(StorageError)
        /// put, commit: said to have succeeded; nothing is kept.
        case lose
        /// commit: the file is absent to stat, list and read for so many more looks, as in a store that is only
        /// consistent in the end.
        case delay(looks: Int)
        /// read, checksum: the first byte is another one. stat: the size is one too small.
        case lie
    }

    fileprivate struct Node {
        var bytes: [UInt8]?  // nil for a directory
        var modified: Int64
        var hiddenLooks = 0
    }

    fileprivate struct Injection {
        var fault: Fault
        var operation: Operation
        var part: String
        var left: Int
    }

    fileprivate struct State {
        var nodes: [String: Node] = ["": Node(bytes: nil, modified: 1)]
        var injections: [Injection] = []
        var time: Int64 = 1_700_000_000_000_000_000
        var temporaries = 0
        var calls: [Operation: Int] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// The next `times` operations of that kind on paths that contain `part` go wrong.
    public func inject(_ fault: Fault, on operation: Operation, pathsWith part: String = "", times: Int = 1) {
        state.withLock {
            $0.injections.append(Injection(fault: fault, operation: operation, part: part, left: times))
        }
    }

    /// How often an operation was called; a call for many targets counts once.
    public func calls(_ operation: Operation) -> Int { state.withLock { $0.calls[operation, default: 0] } }

    public func stat(_ targets: [TargetRef]) -> [Result<FileStatus, StorageError>] {
        state.withLock { state in
            state.calls[.stat, default: 0] += 1
            return targets.map { target in
                MemoryStorage.answer(.stat, target, &state) { (path, fault, state) throws(StorageError) in
                    let node = try state.look(path)
                    let size = UInt64(node.bytes?.count ?? 0)
                    return FileStatus(
                        size: fault == .lie && size > 0 ? size - 1 : size, modified: node.modified,
                        isDirectory: node.bytes == nil)
                }
            }
        }
    }

    public func look(_ targets: [TargetRef], while planning: PlanningID?) -> [Existence] {
        stat(targets).map(Existence.init)
    }

    public func list(_ directories: [TargetRef]) -> [Result<[DirectoryEntry], StorageError>] {
        perform(.list, directories) { (path, _, state) throws(StorageError) in
            guard try state.look(path).bytes == nil else { throw StorageError(.absent, "\(path) is no directory") }
            var entries: [DirectoryEntry] = []
            for (other, node) in state.nodes where other.hasPrefix(path + "/") && node.hiddenLooks == 0 {
                let name = String(other.dropFirst(path.count + 1))
                if name.contains("/") { continue }
                let size = node.bytes.map { UInt64($0.count) }
                entries.append(
                    DirectoryEntry(name: name, isDirectory: node.bytes == nil, size: size, modified: node.modified))
            }
            return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
    }

    public func read(_ target: TargetRef, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        perform(.read, target) { (path, fault, state) throws(StorageError) in
            let bytes = try state.content(path, fault)
            let start = Int(min(offset, UInt64(bytes.count)))
            return Array(bytes[start..<min(start + count, bytes.count)])
        }
    }

    public func put(_ bytes: [UInt8], besides target: TargetRef) -> Result<TargetRef, StorageError> {
        perform(.put, target) { (path, fault, state) throws(StorageError) in
            try state.requireParent(of: path)
            state.temporaries += 1
            let slash = path.lastIndex(of: "/") ?? path.startIndex
            let temporary = "\(path[..<slash])/.\(path[slash...].dropFirst()).\(state.temporaries).tmp"
            if fault != .lose { state.store(temporary, bytes) }
            return TargetRef(MemoryStorage.prefix(of: target) + temporary)
        }
    }

    public func commit(_ moves: [Move]) -> [Result<Void, StorageError>] {
        state.withLock { state in
            state.calls[.commit, default: 0] += 1
            return moves.map { MemoryStorage.commit($0, &state) }
        }
    }

    private static func commit(_ move: Move, _ state: inout State) -> Result<Void, StorageError> {
        guard let from = path(move.temporary) else { return .failure(foreign(move.temporary)) }
        return answer(.commit, move.target, &state) { (path, fault, state) throws(StorageError) in
            guard let bytes = state.nodes[from]?.bytes else { throw StorageError(.absent, "\(from) is absent") }
            try state.requireParent(of: path)
            if let old = state.nodes[path], old.bytes == nil {
                throw StorageError(.unsupported, "\(path) is a directory")
            }
            state.nodes[from] = nil
            if fault == .lose { return }
            state.store(path, bytes)
            if case .delay(let looks)? = fault { state.nodes[path]?.hiddenLooks = looks }
        }
    }

    public func checksum(_ targets: [TargetRef]) -> [Result<Checksum, StorageError>] {
        perform(.checksum, targets) { (path, fault, state) throws(StorageError) in
            Checksum(algorithm: "adler32", digest: Adler32.hex(try state.content(path, fault)))
        }
    }

    public func delete(_ targets: [TargetRef]) -> [Result<Void, StorageError>] {
        perform(.delete, targets) { (path, _, state) throws(StorageError) in
            guard state.nodes[path] != nil else { throw StorageError(.absent, "\(path) is absent") }
            if state.nodes.keys.contains(where: { $0.hasPrefix(path + "/") }) {
                throw StorageError(.unsupported, "\(path) is not empty")
            }
            state.nodes[path] = nil
        }
    }

    public func mkdir(_ directories: [TargetRef]) -> [Result<Void, StorageError>] {
        perform(.mkdir, directories) { (path, _, state) throws(StorageError) in
            var built = ""
            for part in path.split(separator: "/") {
                built += "/\(part)"
                if let node = state.nodes[built] {
                    if node.bytes != nil { throw StorageError(.absent, "\(built) is no directory") }
                } else {
                    state.store(built, nil)
                }
            }
        }
    }
}

// Faults and paths, alike for every operation.
extension MemoryStorage {
    private typealias Body<T> = (String, Fault?, inout State) throws(StorageError) -> T

    private func perform<T: Sendable>(
        _ operation: Operation, _ targets: [TargetRef], _ body: Body<T>
    ) -> [Result<T, StorageError>] {
        state.withLock { state in
            state.calls[operation, default: 0] += 1
            return targets.map { MemoryStorage.answer(operation, $0, &state, body) }
        }
    }

    private func perform<T: Sendable>(
        _ operation: Operation, _ target: TargetRef, _ body: Body<T>
    ) -> Result<T, StorageError> {
        state.withLock { state in
            state.calls[operation, default: 0] += 1
            return MemoryStorage.answer(operation, target, &state, body)
        }
    }

    private static func answer<T>(
        _ operation: Operation, _ target: TargetRef, _ state: inout State, _ body: Body<T>
    ) -> Result<T, StorageError> {
        guard let path = path(target) else { return .failure(foreign(target)) }
        let fault = state.nextFault(operation, path)
        if case .refuse(let error)? = fault { return .failure(error) }
        do throws(StorageError) {
            let value = try body(path, fault, &state)
            if case .actAndFail(let error)? = fault { return .failure(error) }
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    private static func prefix(of target: TargetRef) -> String { target.scheme == "mem" ? "mem://" : "" }

    private static func path(_ target: TargetRef) -> String? {
        switch target.scheme {
        case "": return target.location
        case "mem": return String(target.location.dropFirst("mem://".count))
        default: return nil
        }
    }

    private static func foreign(_ target: TargetRef) -> StorageError {
        StorageError(.unsupported, "\(target) is not in memory")
    }
}

extension MemoryStorage.State {
    fileprivate mutating func nextFault(_ operation: MemoryStorage.Operation, _ path: String) -> MemoryStorage.Fault? {
        guard
            let i = injections.firstIndex(where: {
                $0.operation == operation && $0.left > 0 && ($0.part.isEmpty || path.contains($0.part))
            })
        else { return nil }
        injections[i].left -= 1
        return injections[i].fault
    }

    fileprivate mutating func look(_ path: String) throws(StorageError) -> MemoryStorage.Node {
        guard let node = nodes[path] else { throw StorageError(.absent, "\(path) is absent") }
        if node.hiddenLooks > 0 {
            nodes[path]?.hiddenLooks -= 1
            throw StorageError(.absent, "\(path) is absent")
        }
        return node
    }

    fileprivate mutating func content(_ path: String, _ fault: MemoryStorage.Fault?) throws(StorageError) -> [UInt8] {
        guard var bytes = try look(path).bytes else { throw StorageError(.unsupported, "\(path) is a directory") }
        if fault == .lie && !bytes.isEmpty { bytes[0] ^= 1 }
        return bytes
    }

    fileprivate func requireParent(of path: String) throws(StorageError) {
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        guard let node = nodes[parent], node.bytes == nil else {
            throw StorageError(.absent, "\(parent) is no directory")
        }
    }

    fileprivate mutating func store(_ path: String, _ bytes: [UInt8]?) {
        time += 1_000_000
        nodes[path] = MemoryStorage.Node(bytes: bytes, modified: time)
    }
}
