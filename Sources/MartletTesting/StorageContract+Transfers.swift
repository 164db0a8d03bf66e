import Glibc
import MartletModel
import MartletPorts
import MartletStorage
import MartletSystem

extension StorageContract {
    private func local(_ name: String) -> String { "\(scratch)/\(name)" }

    /// A content in which every place is different, of some pieces of any transfer.
    private func content(_ size: Int) -> [UInt8] { (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) } }

    private mutating func make(_ name: String, _ bytes: [UInt8]) {
        do throws(SystemError) {
            try File.replace(local(name), with: bytes)
        } catch {
            found.expect(false, "making a local file: \(error)")
        }
    }

    private mutating func compare(_ name: String, with bytes: [UInt8]) {
        do throws(SystemError) {
            let there = try File.read(local(name))
            found.expect(there == bytes, "\(name) has \(there.count) bytes, or other ones, not \(bytes.count)")
        } catch {
            found.expect(false, "reading a fetched file: \(error)")
        }
    }

    /// Names in the scratch directory.
    private func localNames() -> [String] {
        do throws(SystemError) { return try Directory.list(scratch).map(\.name) } catch { return ["\(error)"] }
    }

    mutating func takesFilesThere() {
        let sizes = ["stored/empty": 0, "stored/small": 7, "stored/deep/er/large": 1_100_001]
        for (name, size) in sizes { make(TargetRef(name).name, content(size)) }
        let names = sizes.keys.sorted()
        var told: [TransferProgress] = []
        let transfers = names.map { Transfer(target($0), local: local(TargetRef($0).name)) }
        for (name, answer) in zip(names, store.store(transfers) { told.append($0) }) {
            let size = found.value(answer, "store \(name)")?.size
            found.expect(size == sizes[name].map { UInt64($0) }, "\(name) is said to have \(size ?? 0) bytes")
        }
        found.expect(told.last?.filesDone == 3 && told.last?.filesTotal == 3, "the last progress is \(told.last ?? TransferProgress(filesTotal: 0))")
        for (name, size) in sizes {
            let tail = store.read(target(name), offset: UInt64(max(0, size - 5)), count: 10)
            found.expect(
                found.value(tail, "read \(name)") == Array(content(size).suffix(5)), "the end of \(name) is another")
        }
        make("small", content(3))
        _ = found.value(store.store(transfers[2]), "store again")
        found.expect(
            found.value(store.stat(target(names[2])), "stat")?.size == 3, "storing again did not replace the file")
        let listed = found.value(store.list(target("stored")), "list")?.map(\.name)
        found.expect(listed == ["deep", "empty", "small"], "after storing there is \(listed ?? [])")
    }

    mutating func bringsFilesHere() {
        let before = localNames()
        let names = ["stored/empty", "stored/nowhere", "stored/deep/er/large"]
        let transfers = names.enumerated().map { Transfer(target($1), local: local("fetched-\($0)")) }
        var told: [TransferProgress] = []
        let answers = store.fetch(transfers) { told.append($0) }
        found.expect(answers.map { kind($0) } == [nil, .absent, nil], "fetching gave \(answers)")
        found.expect(told.last?.filesDone == 3, "the last progress is \(told.last ?? TransferProgress(filesTotal: 0))")
        compare("fetched-0", with: [])
        compare("fetched-2", with: content(1_100_001))
        _ = found.value(store.fetch(Transfer(target("stored/small"), local: local("fetched-2"))), "fetch again")
        compare("fetched-2", with: content(3))
        let made = localNames().filter { !before.contains($0) }
        found.expect(made == ["fetched-0", "fetched-2"], "fetching left \(made)")
    }

    mutating func refusesTransfersWhole() {
        let absent = store.store(Transfer(target("stored/none"), local: local("no-such-file")))
        found.expect(kind(absent) == .absent, "storing a file that is not there gave \(absent)")
        found.expect(kind(store.stat(target("stored/none"))) == .absent, "a file was stored that there is not")
        let nowhere = store.fetch(Transfer(target("stored/small"), local: local("no-such-folder/x")))
        found.expect(kind(nowhere) != nil, "a file was fetched into no folder")
        found.expect(kind(store.fetch(Transfer(target("stored"), local: local("folder")))) != nil, "a directory was fetched")
        let foreign = Transfer(TargetRef("nosuchscheme://host/path"), local: local("small"))
        found.expect(kind(store.fetch(foreign)) == .unsupported, "fetching from a foreign scheme")
        found.expect(kind(store.store(foreign)) == .unsupported, "storing to a foreign scheme")
        found.expect(store.fetch([]) { _ in }.isEmpty && store.store([]) { _ in }.isEmpty, "an answer to no question")
    }
}
