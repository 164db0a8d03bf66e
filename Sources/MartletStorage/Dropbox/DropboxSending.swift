import MartletModel
import MartletPorts

/// A local file on its way to Dropbox: which part of it comes next, and what became of the others.
struct DropboxSending {
    let path: DropboxPath
    let local: String
    let size: UInt64
    private var hash = DropboxHash()
    private var session: String?
    private var sent: UInt64 = 0
    private var part: UInt64 = 0
    private var isComplete = false
    private(set) var failure: StorageError?

    init(path: DropboxPath, local: String, size: UInt64) {
        self.path = path
        self.local = local
        self.size = size
    }

    var isOpen: Bool { failure == nil && !isComplete }

    /// The call that sends the next part; nil when that cannot be read, which is the failure then.
    mutating func next() -> DropboxCall? {
        part = min(DropboxTransfers.part, size - sent)
        let isLast = sent + part == size
        do throws(StorageError) {
            let own = try hash.add(FileRange(path: local, offset: sent, count: part))
            let body = HTTPRequest.Body.file(path: local, offset: sent, count: part)
            guard let session else { return DropboxChanging.start(body, own, isLast: isLast) }
            return DropboxCall(
                "files/upload_session/append_v2",
                [
                    JSONMember("cursor", .object([
                        JSONMember("session_id", .string(session)), JSONMember("offset", .integer(Int64(sent))),
                    ])),
                    JSONMember("close", .bool(isLast)), JSONMember("content_hash", .string(own)),
                ], .upload(body))
        } catch {
            failure = error
            return nil
        }
    }

    mutating func took(_ answer: Result<DropboxAnswer, StorageError>) {
        do throws(StorageError) {
            let answer = try answer.get()
            if !answer.response.isSuccess && !isThereAlready(answer) {
                throw DropboxAnswer.error(answer.summary, answer.response.status, "upload to \(path.target)")
            }
            if session == nil { session = try DropboxChanging.session(answer) }
            sent += part
            isComplete = sent == size
        } catch {
            failure = error
        }
    }

    /// The part had arrived when it was sent again, since an answer was lost: nobody else sends to this session.
    private func isThereAlready(_ answer: DropboxAnswer) -> Bool {
        guard session != nil else { return false }
        if answer.summary.hasPrefix("closed") { return sent + part == size }
        let correct = answer.json?["error"]?["correct_offset"]?.integer
        return answer.summary.hasPrefix("incorrect_offset") && correct == Int64(sent + part)
    }

    /// Once all of it was sent.
    var finish: DropboxFinish {
        DropboxFinish(path: path, session: DropboxSession(id: session ?? "", size: size), hash: hash.text)
    }

    func verified(_ entry: DropboxEntry) -> Result<FileStatus, StorageError> {
        let isWhole = entry.status.size == size && (entry.hash ?? hash.text) == hash.text
        if isWhole { return .success(entry.status) }
        return .failure(StorageError(.corrupt, "\(path.target) has not the content that was sent"))
    }
}
