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
