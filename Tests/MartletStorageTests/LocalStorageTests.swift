import Glibc
import MartletModel
import MartletPorts
import MartletStorage
import MartletTesting
import Testing

/// A directory that is removed with everything in it.
final class ScratchDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/martlet-storage-XXXXXX".utf8CString)
        path = try #require(template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!).map { String(cString: $0) } })
    }

    deinit {
        let store = LocalStorage()
        func clear(_ path: String) {
            chmod(path, 0o700)
            if case .success(let entries) = store.list(TargetRef(path)) {
                for entry in entries { clear("\(path)/\(entry.name)") }
            }
            if case .failure(let error) = store.delete(TargetRef(path)) { print("could not remove \(path): \(error)") }
        }
        clear(path)
    }
}

@Suite struct LocalStorageTests {
    let scratch: ScratchDirectory
    init() throws { scratch = try ScratchDirectory() }

    private func failure<T>(_ result: Result<T, StorageError>) -> StorageError.Class? {
        if case .failure(let error) = result { return error.kind }
        return nil
    }

    @Test(arguments: [false, true]) func keepsTheContract(durable: Bool) {
        let found = storageContract(LocalStorage(durable: durable), root: TargetRef(scratch.path))
        #expect(found.isEmpty, "\(found)")
    }

    @Test func keepsTheContractUnderItsURL() {
        let found = storageContract(LocalStorage(), root: TargetRef("file://\(scratch.path)"))
        #expect(found.isEmpty, "\(found)")
    }

    @Test func temporaryNamesSayWhoseTheyAre() throws {
        let temporary = try LocalStorage().put([1], besides: TargetRef("\(scratch.path)/reco.root")).get()
        let name = temporary.location.dropFirst(scratch.path.count)
        #expect(name.hasPrefix("/.reco.root.martlet-") && name.contains("-\(getpid())-") && name.hasSuffix(".tmp"))
        #expect(failure(LocalStorage().delete(temporary)) == nil)
    }

    @Test func whatMayNotBeReadIsDeniedAndNotAbsent() throws {
        let directory = "\(scratch.path)/closed"
        mkdir(directory, 0o700)
        chmod(directory, 0)
        // root is denied nothing; this thread alone goes to the files as nobody
        let before = setfsuid(geteuid() == 0 ? 65534 : geteuid())
        defer { setfsuid(uid_t(before)) }
        #expect(failure(LocalStorage().stat([TargetRef("\(directory)/x")])[0]) == .denied)
        #expect(failure(LocalStorage().put([], besides: TargetRef("\(directory)/x"))) == .denied)
    }

    @Test func namesThatAreTooLongAreUnsupportedAndNotAbsent() {
        let long = TargetRef("\(scratch.path)/\(String(repeating: "x", count: 300))")
        #expect(failure(LocalStorage().stat([long])[0]) == .unsupported)
    }

    @Test(arguments: [
        (ENOENT, StorageError.Class.absent), (ENOTDIR, .absent), (EACCES, .denied), (EPERM, .denied), (EROFS, .denied),
        (ENOSPC, .full), (EDQUOT, .full), (ESTALE, .transient), (ETIMEDOUT, .transient), (EIO, .transient),
        (EINTR, .transient), (ENOTCONN, .transient), (9999, .transient), (EISDIR, .unsupported), (EXDEV, .unsupported),
    ])
    func errnoIsClassed(code: Int32, kind: StorageError.Class) {
        #expect(StorageError.kind(of: code) == kind)
    }
}
