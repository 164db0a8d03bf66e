import MartletPorts
import MartletSystem

/// A file that was fetched, before it has its name.
struct Arrival {
    var transfer: Transfer
    /// What the store says that it has, in bytes.
    var size: UInt64

    /// Gives it its name when it is whole, else takes it away.
    /// - Parameter compare: whether the content is the one in the store, of a file of the right size.
    func finish(_ compare: () throws(StorageError) -> Bool) throws(StorageError) {
        do throws(StorageError) {
            let partial = transfer.partial
            let came = try StorageError.ofSystem { () throws(SystemError) in
                // of an empty content nothing was written
                try FileFacts.of(try File.openWriting(partial)).size
            }
            guard came == size else {
                throw StorageError(.corrupt, "\(came) bytes came of \(transfer.target), which has \(size)")
            }
            guard try compare() else {
                throw StorageError(.corrupt, "what came of \(transfer.target) has another checksum than it has there")
            }
            try StorageError.ofSystem { () throws(SystemError) in try File.rename(partial, to: transfer.local) }
        } catch {
            discard()
            throw error
        }
    }

    /// Takes away what came in vain; where nothing came there is nothing.
    func discard() {
        do throws(SystemError) { try File.remove(transfer.partial) } catch {}
    }
}
