import MartletPorts

/// How far transfers have come, told while they go on.
struct TransferTally {
    private var come: TransferProgress
    private let progress: (TransferProgress) -> Void

    init(_ files: Int, _ progress: @escaping (TransferProgress) -> Void) {
        come = TransferProgress(filesTotal: files)
        self.progress = progress
    }

    /// So many bytes are to be transferred too.
    mutating func expect(_ bytes: UInt64) { come.bytesTotal += bytes }

    /// What is told on top of what is done, while requests go on.
    func watch(_ bytes: @escaping (HTTPProgress) -> UInt64) -> (HTTPProgress) -> Void {
        { [come, progress] http in
            var now = come
            now.bytesDone = min(come.bytesTotal, come.bytesDone + bytes(http))
            progress(now)
        }
    }

    mutating func did(files: Int, bytes: UInt64) {
        come.filesDone += files
        come.bytesDone = min(come.bytesTotal, come.bytesDone + bytes)
        progress(come)
    }
}

/// Adds up what several servers tell of their parts of one batch, one after another.
final class ProgressSum {
    private let files: Int
    private let progress: (TransferProgress) -> Void
    private var before = TransferProgress(filesTotal: 0)
    private var last = TransferProgress(filesTotal: 0)

    init(_ files: Int, _ progress: @escaping (TransferProgress) -> Void) {
        self.files = files
        self.progress = progress
    }

    /// What the next server is to tell.
    func next() -> (TransferProgress) -> Void {
        before = sum(last)
        last = TransferProgress(filesTotal: 0)
        return { now in
            self.last = now
            self.progress(self.sum(now))
        }
    }

    /// Also those are done that no server was asked for.
    func end() {
        guard files > 0 else { return }
        var all = sum(last)
        all.filesDone = files
        progress(all)
    }

    private func sum(_ now: TransferProgress) -> TransferProgress {
        TransferProgress(
            bytesDone: before.bytesDone + now.bytesDone, bytesTotal: before.bytesTotal + now.bytesTotal,
            filesDone: before.filesDone + now.filesDone, filesTotal: files)
    }
}
