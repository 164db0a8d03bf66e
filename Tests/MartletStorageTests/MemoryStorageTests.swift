import MartletModel
import MartletPorts
import MartletStorage
import MartletSystem
import MartletTesting
import Testing

@Suite struct MemoryStorageTests {
    private let file = TargetRef("/data/a")

    private func store() throws -> MemoryStorage {
        let store = MemoryStorage()
        try store.mkdir(TargetRef("/data")).get()
        return store
    }

    private func write(_ store: MemoryStorage, _ bytes: [UInt8]) throws {
        try store.commit(store.put(bytes, besides: file).get(), as: file).get()
    }

    private func kind<T>(_ result: Result<T, StorageError>) -> StorageError.Class? {
        if case .failure(let error) = result { return error.kind }
        return nil
    }

    @Test(arguments: ["/data", "mem:///data"]) func keepsTheContract(root: String) throws {
        let found = storageContract(try store(), root: TargetRef(root), scratch: try ScratchDirectory("contract"))
        #expect(found.isEmpty, "\(found)")
    }

    /// The contract sees every kind of misbehaviour: it is no formality.
    @Test(arguments: [
        (MemoryStorage.Fault.lose, MemoryStorage.Operation.commit), (.lose, .put), (.delay(looks: 1), .commit),
        (.lie, .read), (.lie, .stat), (.refuse(StorageError(.transient, "down")), .list),
        (.actAndFail(StorageError(.transient, "down")), .mkdir), (.refuse(StorageError(.denied, "no")), .delete),
        (.refuse(StorageError(.transient, "down")), .checksum),
    ])
    func theContractSeesFaults(fault: MemoryStorage.Fault, operation: MemoryStorage.Operation) throws {
        let store = try store()
        store.inject(fault, on: operation, times: 2)
        let scratch = try ScratchDirectory("contract")
        #expect(!storageContract(store, root: TargetRef("/data"), scratch: scratch).isEmpty)
    }

    @Test func faultsAreForThePathsAndTimesAskedFor() throws {
        let store = try store()
        try write(store, [1])
        store.inject(.refuse(StorageError(.transient, "down")), on: .stat, pathsWith: "/a", times: 2)
        #expect(kind(store.stat([TargetRef("/data")])[0]) == nil)
        #expect(kind(store.stat([file])[0]) == .transient)
        #expect(kind(store.stat([file])[0]) == .transient)
        #expect(kind(store.stat([file])[0]) == nil)
        #expect(store.calls(.stat) == 4)
    }

    @Test func delayedFilesAppearInTheEnd() throws {
        let store = try store()
        store.inject(.delay(looks: 2), on: .commit)
        try write(store, [1])
        #expect((0..<3).map { _ in kind(store.stat([file])[0]) } == [.absent, .absent, nil])
    }

    @Test func actingAndFailingActs() throws {
        let store = try store()
        let temporary = try store.put([7], besides: file).get()
        store.inject(.actAndFail(StorageError(.transient, "connection lost")), on: .commit)
        #expect(kind(store.commit(temporary, as: file)) == .transient)
        #expect(try store.read(file, offset: 0, count: 9).get() == [7])
    }

    /// Stores without transfers of their own: what comes or arrives otherwise than it is has no final name.
    @Test(arguments: [MemoryStorage.Operation.read, .stat]) func whatCameOtherwiseIsNotKept(lying: MemoryStorage.Operation) throws {
        let store = try store(), scratch = try ScratchDirectory("lie")
        try write(store, [1, 2, 3])
        store.inject(.lie, on: lying)
        #expect(kind(store.fetch(Transfer(file, local: "\(scratch.path)/a"))) == .corrupt)
        #expect(try Directory.list(scratch.path).isEmpty)
    }

    @Test(arguments: [MemoryStorage.Operation.checksum, .stat]) func whatArrivedOtherwiseIsNotKept(
        lying: MemoryStorage.Operation
    ) throws {
        let store = try store(), scratch = try ScratchDirectory("lie")
        try File.replace("\(scratch.path)/a", with: [1, 2, 3])
        store.inject(.lie, on: lying)
        #expect(kind(store.store(Transfer(file, local: "\(scratch.path)/a"))) == .corrupt)
        #expect(try store.list(TargetRef("/data")).get().isEmpty)
    }
}
