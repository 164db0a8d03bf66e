import MartletModel
import MartletPorts
import MartletSystem

/// Transfers for stores that have nothing better: files are fetched by reading range after range, and stored as one
/// content in memory.
extension StorageBackend {
    public func fetch(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        PieceByPiece(self).all(transfers, progress) { (carrier, transfer) throws(StorageError) in
            try carrier.fetch(transfer)
        }
    }

    public func store(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void
    ) -> [Result<FileStatus, StorageError>] {
        PieceByPiece(self).all(transfers, progress) { (carrier, transfer) throws(StorageError) in
            try carrier.store(transfer)
        }
    }
}

private struct PieceByPiece<Store: StorageBackend> {
    /// Bytes a read asks for.
    static var piece: Int { 1 << 20 }

    let backend: Store
    init(_ backend: Store) { self.backend = backend }

    func all(
        _ transfers: [Transfer], _ progress: @escaping (TransferProgress) -> Void,
        _ one: (PieceByPiece, Transfer) throws(StorageError) -> FileStatus
    ) -> [Result<FileStatus, StorageError>] {
        var come = TransferProgress(filesTotal: transfers.count)
        return transfers.map { transfer in
            defer {
                come.filesDone += 1
                progress(come)
            }
            do throws(StorageError) {
                let status = try one(self, transfer)
                come.bytesDone += status.size
                come.bytesTotal = come.bytesDone
                return .success(status)
            } catch {
                return .failure(error)
            }
        }
    }

    func fetch(_ transfer: Transfer) throws(StorageError) -> FileStatus {
        let status = try status(of: transfer.target)
        if status.isDirectory { throw StorageError(.unsupported, "\(transfer.target) is a directory") }
        do throws(StorageError) {
            let sum = try download(transfer, status.size)
            try compare(Hex.text(sum.value), with: transfer.target)
            try system { () throws(SystemError) in try File.rename(transfer.partial, to: transfer.local) }
        } catch {
            // the failure that is told is the first
            _ = Result { () throws(SystemError) in try File.remove(transfer.partial) }
            throw error
        }
        return status
    }

    private func download(_ transfer: Transfer, _ size: UInt64) throws(StorageError) -> Adler32 {
        let file = try system { () throws(SystemError) in try File.openNew(transfer.partial) }
        var sum = Adler32()
        var offset: UInt64 = 0
        while true {
            let bytes = try backend.read(transfer.target, offset: offset, count: Self.piece).get()
            if bytes.isEmpty { break }
            try system { () throws(SystemError) in try File.writeAll(file, bytes) }
            bytes.withUnsafeBytes { sum.update($0) }
            offset += UInt64(bytes.count)
        }
        if offset != size {
            throw StorageError(.corrupt, "\(offset) bytes came of \(transfer.target), which has \(size)")
        }
        return sum
    }

    func store(_ transfer: Transfer) throws(StorageError) -> FileStatus {
        let bytes = try system { () throws(SystemError) in try File.read(transfer.local) }
        let temporary = try put(bytes, besides: transfer.target)
        let arrived: FileStatus
        do throws(StorageError) {
            arrived = try status(of: temporary)
            if arrived.size != UInt64(bytes.count) {
                throw StorageError(.corrupt, "\(arrived.size) bytes arrived of \(bytes.count)")
            }
            try compare(Adler32.hex(bytes), with: temporary)
            try first(backend.commit([Move(temporary, to: transfer.target)])).get()
        } catch {
            _ = backend.delete([temporary])
            throw error
        }
        // a store may show a little later what it has taken
        if case .success(let status) = first(backend.stat([transfer.target])) { return status }
        return arrived
    }

    private func put(_ bytes: [UInt8], besides target: TargetRef) throws(StorageError) -> TargetRef {
        let put = backend.put(bytes, besides: target)
        guard case .failure(let error) = put, error.kind == .absent else { return try put.get() }
        try first(backend.mkdir([target.parent])).get()
        return try backend.put(bytes, besides: target).get()
    }

    private func compare(_ own: String, with target: TargetRef) throws(StorageError) {
        let kept: Checksum
        switch first(backend.checksum([target])) {
        case .success(let checksum): kept = checksum
        case .failure(let error):
            if error.kind == .unsupported { return }
            throw error
        }
        if kept.algorithm == "adler32" && kept.digest != own {
            throw StorageError(.corrupt, "the Adler-32 of \(target) is \(kept.digest) there and \(own) here")
        }
    }

    private func status(of target: TargetRef) throws(StorageError) -> FileStatus {
        try first(backend.stat([target])).get()
    }

    private func first<T>(_ answers: [Result<T, StorageError>]) -> Result<T, StorageError> {
        answers.first ?? .failure(StorageError(.transient, "the store gave no answer"))
    }

    private func system<T>(_ body: () throws(SystemError) -> T) throws(StorageError) -> T {
        do throws(SystemError) { return try body() } catch { throw StorageError(error) }
    }
}
