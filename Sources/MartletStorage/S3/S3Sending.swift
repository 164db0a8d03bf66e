import MartletModel
import MartletPorts

/// Sends local files to S3: small ones with one request each, large ones as uploads in parts.
struct S3Sending {
    let service: S3Service
    typealias File = (place: S3Location, path: String, size: UInt64)

    /// One answer per file: it is there whole, or an error, and then what was sent of it is given up.
    func send(_ files: [File], _ progress: @escaping (HTTPProgress) -> Void) -> [Result<Void, StorageError>] {
        let parts = files.map { S3Limits.parts(of: $0.size, wanted: service.partSize) }
        let large = files.indices.filter { !parts[$0].isWhole }
        var uploads: [Int: Result<S3Upload, StorageError>] = [:]
        let begun = service.perform(large.map { S3Upload.begin(files[$0].place, partSize: parts[$0].partSize) })
        for (i, answer) in zip(large, begun) {
            uploads[i] = answer.flatMap { response in
                Result { () throws(StorageError) in try S3Upload(files[i].place, begun: response) }
            }
        }
        var calls: [S3Call] = []
        var shares: [Range<Int>] = []
        for (i, file) in files.enumerated() {
            let before = calls.count
            switch uploads[i] {
            case nil: calls.append(S3Call("PUT", file.place, body: .file(path: file.path, count: file.size)))
            case .success(let upload): calls += S3Sending.parts(upload, parts[i].ranges(of: file.path))
            case .failure: break
            }
            shares.append(before..<calls.count)
        }
        let responses = service.perform(calls, progress: progress)
        return finish(files.indices.map { i in
            let own = Array(responses[shares[i]])
            return uploads[i].map { upload in upload.map { ($0, own) } }.map { .upload($0) } ?? .whole(own[0].map { _ in })
        })
    }

    private static func parts(_ upload: S3Upload, _ ranges: [FileRange]) -> [S3Call] {
        ranges.enumerated().map { number, range in
            upload.part(number + 1, .file(path: range.path, offset: range.offset, count: range.count))
        }
    }

    private enum Sent {
        case whole(Result<Void, StorageError>)
        case upload(Result<(S3Upload, [Result<HTTPResponse, StorageError>]), StorageError>)
    }

    /// Completes uploads of which every part has arrived, all at once, and aborts the others.
    private func finish(_ sent: [Sent]) -> [Result<Void, StorageError>] {
        var answers: [Result<Void, StorageError>] = []
        var complete: [(index: Int, completion: S3Completion)] = []
        var given: [S3Upload] = []
        for (i, sent) in sent.enumerated() {
            switch sent {
            case .whole(let answer): answers.append(answer)
            case .upload(.failure(let error)): answers.append(.failure(error))
            case .upload(.success(let (upload, parts))):
                do throws(StorageError) {
                    var tags: [String] = []
                    for part in parts { tags.append(try S3Upload.tag(part.get())) }
                    complete.append((i, S3Completion(upload: upload, tags: tags)))
                    answers.append(.success(()))
                } catch {
                    given.append(upload)
                    answers.append(.failure(error))
                }
            }
        }
        for (one, answer) in zip(complete, S3Completion.carryOut(complete.map(\.completion), by: service)) {
            answers[one.index] = answer
            if case .failure = answer { given.append(one.completion.upload) }
        }
        // an upload that cannot be aborted stays unseen, as one of a killed process does
        _ = service.perform(given.map { $0.abort() })
        return answers
    }
}
