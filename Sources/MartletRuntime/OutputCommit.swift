import Glibc
import MartletModel
import MartletSystem

/// Gives what a command made its own names, or takes it away.
struct OutputCommit {
    /// An output that is in its place.
    struct Made: Equatable {
        var path: String
        var size: Int64
        /// Nanoseconds since 1970-01-01 UTC.
        var modified: Int64
        /// `adler32:0a1b2c3d`; empty where none was asked for, or it is a directory.
        var checksum = ""
    }

    enum Answer: Equatable {
        case made([Made])
        /// The command did not make this one.
        case absent(String)
        /// The system refused.
        case refused(SystemError)
    }

    private let outputs: [CommandRequest.Output]
    private let note: String?
    /// Whether files are read once more, for their checksums.
    private let isChecked: Bool

    init(_ request: CommandRequest, isChecked: Bool = false) {
        outputs = request.outputs
        note = request.note
        self.isChecked = isChecked
    }

    /// Makes the directories in which outputs will lie.
    func prepare() throws(SystemError) {
        for output in outputs { try Directory.make(Directory.parent(of: output.path)) }
    }

    /// Renames all outputs once all are there. An older file or directory of that name is replaced.
    func commit() -> Answer {
        let looked = StatMany.status(of: outputs.map(\.temporary))
        var made: [Made] = []
        for (output, status) in zip(outputs, looked) {
            switch status {
            case .success(let status):
                made.append(Made(path: output.path, size: Int64(clamping: status.size), modified: status.modified))
            case .failure(let error) where error.code == ENOENT || error.code == ENOTDIR: return .absent(output.path)
            case .failure(let error): return .refused(error)
            }
        }
        for output in outputs {
            do throws(SystemError) { try OutputCommit.put(output) } catch { return .refused(error) }
        }
        defer { removeNote() }
        let elsewhere = StoredNote.read(note)
        guard isChecked else { return .made(made + elsewhere) }
        for i in made.indices {
            do throws(SystemError) {
                var sum = Adler32()
                try File.readPieces(made[i].path) { sum.update($0) }
                made[i].checksum = "adler32:\(Hex.text(sum.value))"
            } catch {
                if error.code != EISDIR { return .refused(error) }
            }
        }
        return .made(made + elsewhere)
    }

    private func removeNote() {
        guard let note else { return }
        do throws(SystemError) { try File.remove(note) } catch { return }  // it was never written
    }

    /// Takes away what the command left under temporary names.
    func discard() {
        removeNote()
        for output in outputs {
            do throws(SystemError) { try Directory.removeTree(OutputCommit.withoutSlash(output.temporary)) } catch { continue }  // hidden, and of no use
        }
    }

    private static func put(_ output: CommandRequest.Output) throws(SystemError) {
        let from = withoutSlash(output.temporary), to = withoutSlash(output.path)
        guard try FailPoint.commandRename.allows("rename", to) else { return }
        do {
            try File.rename(from, to: to)
        } catch where [ENOTEMPTY, EEXIST, EISDIR, ENOTDIR].contains(error.code) {
            // a directory is in the way: put aside first, removed at last
            let aside = File.temporaryName(besides: to)
            try File.rename(to, to: aside)
            try File.rename(from, to: to)
            try Directory.removeTree(aside)
        }
    }

    private static func withoutSlash(_ path: String) -> String {
        var path = path
        while path.utf8.count > 1 && path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
