import MartletPorts
import MartletSystem

extension DAVServer {
    /// A file that is on its way here.
    private struct Incoming {
        var place: Int
        var target: DAVTarget
        var transfer: Transfer
        var status: FileStatus
    }

    func fetch(
        _ transfers: [(DAVTarget, Transfer)], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        var tally = TransferTally(transfers.count, progress)
        var answers = stat(transfers.map { $0.0.url })
        var incoming: [Incoming] = []
        for (place, (target, transfer)) in transfers.enumerated() {
            guard case .success(let status) = answers[place] else { continue }
            if status.isDirectory {
                answers[place] = .failure(StorageError(.unsupported, "\(target.ref) is a directory"))
                continue
            }
            incoming.append(Incoming(place: place, target: target, transfer: transfer, status: status))
            tally.expect(status.size)
        }
        let responses = perform(incoming.map(getting), progress: tally.watch(\.received))
        for (file, response) in zip(incoming, responses) { answers[file.place] = finish(file, response) }
        tally.did(files: transfers.count, bytes: incoming.reduce(0) { $0 + $1.status.size })
        return answers
    }

    private func getting(_ file: Incoming) -> HTTPRequest {
        var request = HTTPRequest("GET", file.target.url)
        request.sink = .file(path: file.transfer.partial)
        DAVServer.want(checksums.wanted, &request)
        return request
    }

    /// Compares what has come and gives it its name, or takes it away.
    private func finish(
        _ file: Incoming, _ answer: Result<HTTPResponse, StorageError>
    ) -> Result<FileStatus, StorageError> {
        do throws(StorageError) {
            let response = try answer.get()
            let size = try DAVServer.size(of: file.transfer.partial)
            // servers of plain HTTP need not tell a size before
            let expected = file.status.size > 0 ? file.status.size : DAVServer.size(response) ?? size
            guard size == expected else {
                throw StorageError(.corrupt, "\(size) bytes came of \(file.target.ref), which has \(expected)")
            }
            try compare(file.transfer.partial, with: response, of: "\(file.target.ref)")
            try DAVServer.system { () throws(SystemError) in
                try File.rename(file.transfer.partial, to: file.transfer.local)
            }
            var status = file.status
            status.size = size
            return .success(status)
        } catch {
            // the first failure is the one to tell of
            _ = Result { () throws(SystemError) in try File.remove(file.transfer.partial) }
            return .failure(error)
        }
    }

    private static func size(of path: String) throws(StorageError) -> UInt64 {
        try system { () throws(SystemError) in
            // an empty content is not written
            try FileFacts.of(try File.openWriting(path)).size
        }
    }

    static func system<T>(_ body: () throws(SystemError) -> T) throws(StorageError) -> T {
        do throws(SystemError) { return try body() } catch { throw StorageError(error) }
    }
}
