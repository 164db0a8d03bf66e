import MartletPorts

/// How far a call for many files has come, one slice of them after the other.
final class S3Progress {
    private var done: TransferProgress
    private let told: (TransferProgress) -> Void

    init(_ files: Int, _ sizes: [UInt64], _ told: @escaping (TransferProgress) -> Void) {
        done = TransferProgress(bytesTotal: sizes.reduce(0, +), filesTotal: files)
        self.told = told
    }

    /// Within a slice.
    func tell(_ bytes: UInt64, ended: Int) {
        var now = done
        now.bytesDone += bytes
        now.filesDone += ended
        told(now)
    }

    /// Files have ended, well or not.
    func finished(_ files: Int, _ bytes: UInt64 = 0) {
        done.filesDone += files
        done.bytesDone += bytes
        told(done)
    }
}
