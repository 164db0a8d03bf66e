import MartletModel
import MartletPorts

/// A content that is to become a file.
struct DropboxFinish {
    var path: DropboxPath
    var session: DropboxSession
    /// Of the content, where it is known.
    var hash: String?
}

/// Makes files of contents that were sent, many with one call: what is one user's is changed by one call at a time.
struct DropboxFinishing {
    let service: DropboxService

    /// "Data ingress guide", Dropbox developers' reference.
    private static let most = 1000

    func finish(_ files: [DropboxFinish]) -> [Result<DropboxEntry, StorageError>] {
        var answers: [Result<DropboxEntry, StorageError>] = []
        var summaries: [String] = []
        for start in stride(from: 0, to: files.count, by: DropboxFinishing.most) {
            let (some, why) = once(Array(files[start..<min(start + DropboxFinishing.most, files.count)]))
            answers += some
            summaries += why
        }
        service.repeatCrowded({ summaries.indices.filter { DropboxService.isCrowded(summaries[$0]) } }) { crowded in
            for start in stride(from: 0, to: crowded.count, by: DropboxFinishing.most) {
                let places = crowded[start..<min(start + DropboxFinishing.most, crowded.count)]
                let (some, why) = once(places.map { files[$0] })
                for (k, i) in places.enumerated() { (answers[i], summaries[i]) = (some[k], why[k]) }
            }
        }
        return answers
    }

    private func once(_ files: [DropboxFinish]) -> ([Result<DropboxEntry, StorageError>], summaries: [String]) {
        if files.isEmpty { return ([], []) }
        let call = DropboxCall(
            "files/upload_session/finish_batch_v2",
            [JSONMember("entries", .array(files.map(DropboxFinishing.argument)))])
        let failed: StorageError
        switch service.perform([call])[0] {
        case .failure(let error): failed = error
        case .success(let answer):
            if let rows = answer.json?["entries"]?.array, rows.count == files.count {
                return (zip(files, rows).map(entry), rows.map { DropboxFinishing.summary($0["failure"]) })
            }
            failed = DropboxEntry.unreadable
        }
        return (files.map { _ in .failure(failed) }, files.map { _ in "" })
    }

    private static func argument(_ file: DropboxFinish) -> JSON {
        .object([
            JSONMember("cursor", .object([
                JSONMember("session_id", .string(file.session.id)), JSONMember("offset", .integer(Int64(file.session.size))),
            ])),
            JSONMember("commit", .object([
                JSONMember("path", .string(file.path.text)), JSONMember("mode", .string("overwrite")),
                JSONMember("autorename", .bool(false)), JSONMember("mute", .bool(true)),
            ])),
        ])
    }

    private func entry(_ file: DropboxFinish, _ row: JSON) -> Result<DropboxEntry, StorageError> {
        do throws(StorageError) {
            if row[".tag"]?.string == "success" { return .success(try DropboxEntry(row)) }
            let summary = DropboxFinishing.summary(row["failure"])
            let error = DropboxAnswer.error(summary, 409, "upload to \(file.path.target)")
            // an answer that was lost may have been about this very file
            if error.kind == .absent, let hash = file.hash {
                let there = try DropboxLooking(service: service).entries([file.path])[0].get()
                if there.hash == hash { return .success(there) }
            }
            return .failure(error)
        } catch {
            return .failure(error)
        }
    }

    /// The tags of a failure, as `error_summary` has them.
    private static func summary(_ failure: JSON?) -> String {
        guard let failure, let tag = failure[".tag"]?.string else { return failure?.string ?? "" }
        return "\(tag)/\(summary(failure[tag] ?? failure["reason"]))"
    }
}
