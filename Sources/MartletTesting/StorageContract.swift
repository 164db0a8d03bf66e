import MartletModel
import MartletPorts

/// What every storage back end must do; one body for all of them.
/// - Parameters:
///   - store: a back end without injected faults.
///   - root: an existing, empty, writable directory in it.
///   - shape: what directories are there.
///   - scratch: a local directory, for transfers.
public func storageContract(
    _ store: some StorageBackend, root: TargetRef, shape: StoreShape = .tree, scratch: ScratchDirectory
) -> Findings {
    var contract = StorageContract(store: store, root: root.location, shape: shape, scratch: scratch.path)
    contract.filesAppearOnCommitAlone()
    contract.commitReplaces()
    contract.readsRanges()
    contract.answersComeInOrder()
    contract.looksAsStatDoes()
    contract.listsWhatIsDirectlyInside()
    contract.deletes()
    contract.tellsOfWhatIsUnfinished()
    contract.saysAbsentWhereNothingIs()
    contract.refusesWhatItCannotDo()
    contract.checksums()
    contract.answersEachOfABatch()
    contract.takesFilesThere()
    contract.bringsFilesHere()
    contract.refusesTransfersWhole()
    return contract.found
}

/// What directories are in a store.
public enum StoreShape: String, Sendable {
    /// They are made, listed and removed, and nothing is made where they lack.
    case tree
    /// As `tree`; names that differ in case alone are one.
    case caseless
    /// A directory is what names have in common: it is there as long as something is in it, and need not be made.
    case objects
}

struct StorageContract<Store: StorageBackend> {
    let store: Store
    let root: String
    let shape: StoreShape
    let scratch: String
    var found = Findings()

    func target(_ name: String) -> TargetRef { TargetRef("\(root)/\(name)") }

    private mutating func write(_ name: String, _ text: String) {
        guard let temporary = found.value(store.put(Array(text.utf8), besides: target(name)), "put \(name)") else {
            return
        }
        _ = found.value(store.commit(temporary, as: target(name)), "commit \(name)")
    }

    func kind<T>(_ result: Result<T, StorageError>) -> StorageError.Class? {
        if case .failure(let error) = result { return error.kind }
        return nil
    }

    private func kind(_ results: [Result<FileStatus, StorageError>]) -> StorageError.Class? {
        results.first.flatMap { kind($0) }
    }

    /// Few and many targets in one directory, there and not, twice over, and again after one has gone.
    mutating func looksAsStatDoes() {
        for n in 0..<100 { write("looked-\(n)", "x") }
        let many = (0..<200).map { target("looked-\($0)") } + [target("looked-0/below"), target(""), target("nowhere/x")]
        for planning in [nil, PlanningID.fresh()] {
            for targets in [many, Array(many.prefix(3)), many, []] {
                found.expect(
                    store.look(targets, while: planning) == store.stat(targets).map(Existence.init),
                    "look does not agree with stat")
            }
        }
        _ = found.value(store.delete(target("looked-7")), "delete")
        found.expect(store.look(many, while: nil)[7] == .absent, "what was deleted is still there")
        write("looked-150", "x")
        found.expect(store.look(many, while: nil)[150] == .there, "what was made is absent")
        found.expect(store.look(many, while: .fresh())[150] == .there, "what was made before planning is absent")
    }

    mutating func filesAppearOnCommitAlone() {
        let file = target("new.root")
        guard let temporary = found.value(store.put([1, 2, 3], besides: file), "put") else { return }
        found.expect(temporary != file, "put wrote under the final name")
        found.expect(kind(store.stat([file])) == .absent, "the file was there before commit")
        _ = found.value(store.commit(temporary, as: file), "commit")
        if let status = found.value(store.stat([file])[0], "stat after commit") {
            found.expect(status.size == 3, "size is \(status.size), not 3")
            found.expect(!status.isDirectory, "a file is called a directory")
            found.expect(status.modified > 0, "the file has no modification time")
        }
        found.expect(kind(store.stat([temporary])) == .absent, "the temporary file is still there")
        found.expect(kind(store.commit(temporary, as: file)) == .absent, "a second commit did not say absent")
        let two = (store.put([1], besides: file), store.put([2], besides: file))
        if case (.success(let a), .success(let b)) = two {
            found.expect(a != b, "two temporary files have one name")
            _ = found.value(store.delete(a), "delete of a temporary file")
            _ = found.value(store.delete(b), "delete of a temporary file")
        } else {
            found.expect(false, "put failed: \(two)")
        }
    }

    mutating func commitReplaces() {
        write("twice", "old content")
        write("twice", "new")
        let bytes = found.value(store.read(target("twice"), offset: 0, count: 100), "read")
        found.expect(bytes == Array("new".utf8), "commit did not replace the content")
    }

    mutating func readsRanges() {
        write("range", "0123456789")
        for (offset, count, expected) in [
            (0, 10, "0123456789"), (3, 4, "3456"), (8, 10, "89"), (10, 1, ""), (99, 1, ""), (2, 0, ""),
        ] {
            let bytes = found.value(store.read(target("range"), offset: UInt64(offset), count: count), "read")
            found.expect(bytes == Array(expected.utf8), "bytes \(offset)..<\(offset + count) are not \"\(expected)\"")
        }
    }

    mutating func answersComeInOrder() {
        write("one", "1")
        write("twelve", "123456789012")
        var targets: [TargetRef] = []
        for _ in 0..<300 { targets += [target("one"), target("none"), target("twelve")] }
        let answers = store.stat(targets)
        found.expect(answers.count == targets.count, "\(answers.count) answers to \(targets.count) questions")
        for (i, answer) in answers.enumerated() {
            let size: UInt64? = if case .success(let status) = answer { status.size } else { nil }
            found.expect(size == [1, nil, 12][i % 3], "answer \(i) belongs to another question")
            if i % 3 == 1 { found.expect(kind(answer) == .absent, "answer \(i) is not absent") }
        }
        found.expect(store.stat([]).isEmpty, "an answer to no question")
    }

    mutating func listsWhatIsDirectlyInside() {
        _ = found.value(store.mkdir(target("dir/sub/deep")), "mkdir with parents")
        _ = found.value(store.mkdir(target("dir/sub")), "mkdir of what exists")
        let upper = shape == .caseless ? [] : ["B"]
        for name in ["b", "a"] + upper + ["sub/inside"] { write("dir/\(name)", "dir/\(name)") }
        let other = store.look([target("dir/A")], while: nil)
        found.expect(other == [shape == .caseless ? .there : .absent], "a name in another case is \(other)")
        let entries = found.value(store.list(target("dir")), "list") ?? []
        let expected = upper.map { ($0, false) } + [("a", false), ("b", false), ("sub", true)]
        found.expect(
            entries.elementsEqual(expected) { $0.name == $1.0 && $0.isDirectory == $1.1 }, "the list is \(entries)")
        for entry in entries where !entry.isDirectory {
            found.expect(entry.size ?? 5 == 5, "the list says \(entry.size ?? 0) bytes of \(entry.name), not 5")
        }
        if shape != .objects {
            found.expect(
                found.value(store.list(target("dir/sub/deep")), "list") == [], "an empty directory has entries")
        }
        if case .success(let status)? = store.stat([target("dir")]).first {
            found.expect(status.isDirectory, "a directory is called a file")
        } else {
            found.expect(false, "stat of a directory failed")
        }
    }

    mutating func answersEachOfABatch() {
        let names = ["batch/a", "batch/none", "batch/b"]
        _ = found.value(store.mkdir(target("batch")), "mkdir")
        for name in ["batch/a", "batch/b"] { write(name, "Wikipedia") }
        let targets = names.map(target)
        let sums = store.checksum(targets).map { kind($0) ?? .unsupported }
        found.expect(sums == [.unsupported, .absent, .unsupported], "checksums of a batch are \(sums)")
        let lists = store.list([target("batch"), target("batch/none"), target("batch")])
        found.expect(lists.map { kind($0) } == [nil, .absent, nil], "lists of a batch are \(lists)")
        let moves = targets.compactMap { target -> Move? in
            found.value(store.put([1, 2, 3, 4], besides: target), "put").map { Move($0, to: target) }
        }
        let gone = Move(target("batch/gone"), to: target("batch/c"))
        let commits = store.commit(Array(moves.prefix(1)) + [gone] + moves.dropFirst())
        found.expect(commits.map { kind($0) } == [nil, .absent, nil, nil], "commits of a batch are \(commits)")
        let sizes = store.stat(targets).map { found.value($0, "stat")?.size }
        found.expect(sizes == [4, 4, 4], "a batch of files has sizes \(sizes)")
        let deletes = store.delete([targets[0], target("batch/other"), targets[2]])
        found.expect(deletes.map { kind($0) } == [nil, .absent, nil], "deletes of a batch are \(deletes)")
        let left = store.look(targets, while: nil)
        found.expect(left == [.absent, .there, .absent], "after deleting there is \(left)")
        let made = store.mkdir([target("batch/d1"), target("batch/none/below"), target("batch/d1")]).map { kind($0) == nil }
        found.expect(made == [true, shape == .objects, true], "making directories gave \(made)")
        found.expect(store.delete([]).isEmpty && store.commit([]).isEmpty, "an answer to no question")
    }

    mutating func deletes() {
        if shape == .objects { return deletesObjects() }
        _ = found.value(store.mkdir(target("gone/sub")), "mkdir")
        write("gone/file", "x")
        found.expect(kind(store.delete(target("gone"))) != nil, "a directory with content was deleted")
        _ = found.value(store.delete(target("gone/file")), "delete of a file")
        _ = found.value(store.delete(target("gone/sub")), "delete of a directory")
        _ = found.value(store.delete(target("gone")), "delete of a directory")
        found.expect(kind(store.stat([target("gone")])) == .absent, "what was deleted is there")
        found.expect(kind(store.delete(target("gone"))) == .absent, "deleting nothing did not say absent")
    }

    private mutating func deletesObjects() {
        write("gone/file", "x")
        _ = found.value(store.delete(target("gone/file")), "delete of a file")
        found.expect(kind(store.stat([target("gone/file")])) == .absent, "what was deleted is there")
        found.expect(kind(store.delete(target("gone/file"))) == .absent, "deleting nothing did not say absent")
    }

    mutating func saysAbsentWhereNothingIs() {
        write("file", "x")
        for name in ["nothing", "nothing/below", "file/below"] {
            found.expect(kind(store.stat([target(name)])) == .absent, "stat of \(name) is not absent")
            found.expect(
                kind(store.read(target(name), offset: 0, count: 1)) == .absent, "read of \(name) is not absent")
            found.expect(kind(store.checksum(target(name))) == .absent, "checksum of \(name) is not absent")
            found.expect(kind(store.list(target(name))) == .absent, "list of \(name) is not absent")
        }
    }

    mutating func refusesWhatItCannotDo() {
        _ = found.value(store.mkdir(target("directory/full")), "mkdir")
        let foreign = TargetRef("nosuchscheme://host/path")
        found.expect(kind(store.stat([foreign])) == .unsupported, "stat of a foreign scheme is not unsupported")
        found.expect(kind(store.read(foreign, offset: 0, count: 1)) == .unsupported, "read of a foreign scheme")
        found.expect(kind(store.put([], besides: foreign)) == .unsupported, "put to a foreign scheme")
        if let temporary = found.value(store.put([1], besides: target("directory")), "put") {
            found.expect(
                shape == .objects || kind(store.commit(temporary, as: target("directory"))) != nil,
                "a file replaced a directory")
            found.expect(
                shape == .objects || kind(store.commit(temporary, as: target("missing/below"))) != nil,
                "a file appeared in no directory")
            _ = found.value(store.delete(temporary), "delete of a refused temporary file")
        }
        if shape == .objects { return }
        if case .success(let status)? = store.stat([target("directory")]).first {
            found.expect(status.isDirectory, "the directory has become a file")
        } else {
            found.expect(false, "the directory is gone")
        }
    }

    mutating func checksums() {
        write("sum", "Wikipedia")
        if kind(store.checksum(target("sum"))) == .unsupported { return }
        guard let sum = found.value(store.checksum(target("sum")), "checksum") else { return }
        if sum.algorithm == "adler32" { found.expect(sum.digest == "11e60398", "the Adler-32 is \(sum.digest)") }
        found.expect(!sum.digest.isEmpty && sum.digest == sum.digest.lowercased(), "the digest is \"\(sum.digest)\"")
        write("sum", "wikipedia")
        found.expect(
            found.value(store.checksum(target("sum")), "checksum") != sum, "other content has the same checksum")
    }
}
