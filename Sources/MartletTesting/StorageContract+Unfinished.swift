import MartletModel
import MartletPorts

extension StorageContract {
    /// What was begun and not committed is a file that everybody sees, or an upload that the store tells of when it is asked, and
    /// can be given up there. Only Dropbox, whose sessions nobody can ask for, tells of neither.
    mutating func tellsOfWhatIsUnfinished() {
        _ = found.value(store.mkdir(target("begun/sub")), "mkdir")
        guard let waiting = found.value(store.put([1, 2, 3], besides: target("begun/file")), "put"),
            let deeper = found.value(store.put([1], besides: target("begun/sub/file")), "put")
        else { return }
        let told = store.unfinished([target("begun"), target("no directory"), target("begun")])
        guard told.count == 3, let uploads = found.value(told[0], "unfinished") else {
            return found.expect(false, "\(told.count) answers to three questions about what is unfinished")
        }
        found.expect(told[1] == .success([]), "something is unfinished where nothing is: \(told[1])")
        found.expect(told[2] == told[0], "what is unfinished differs from one answer to the next")
        if case .success? = store.stat([waiting]).first {
            found.expect(uploads.isEmpty, "a temporary file is told of twice: \(uploads)")
        } else if shape != .caseless {
            givesUp(uploads)
        }
        _ = store.delete([waiting, deeper])
        found.expect(store.unfinished([]).isEmpty, "an answer to no question")
    }

    private mutating func givesUp(_ uploads: [UnfinishedUpload]) {
        guard uploads.count == 1, let upload = uploads.first else {
            return found.expect(false, "one upload is unfinished directly inside, not \(uploads)")
        }
        found.expect(upload.target == target("begun/file"), "what is unfinished would become \(upload.target)")
        found.expect(upload.size == 3, "of what is unfinished there are \(upload.size) bytes, not 3")
        found.expect(upload.modified > 0, "of what is unfinished nobody knows when it was begun")
        _ = found.value(store.delete(upload.temporary), "giving up an upload")
        let left = store.unfinished([target("begun")])
        found.expect(left == [.success([])], "after giving up there is \(left)")
        found.expect(kind(store.stat(target("begun/file"))) == .absent, "what was given up is there")
        found.expect(kind(store.delete(upload.temporary)) == .absent, "giving it up twice did not say absent")
    }
}
