import MartletModel
import MartletPorts

/// Lists uploads that were begun and not ended, of many directories at once.
///
/// Source: "ListMultipartUploads" and "ListParts", Amazon S3 API reference. MinIO tells of uploads to a whole key alone, and so
/// of none here; it gives up those that stand still for a day by itself.
struct S3UploadLister {
    let service: S3Service

    /// One answer per directory, in order; each with the sizes of what has arrived.
    func list(_ directories: [S3Location]) -> [Result<[UnfinishedUpload], StorageError>] {
        let begun = uploads(directories)
        var found: [(upload: S3Upload, begun: Int64)] = []
        var shares: [Result<Range<Int>, StorageError>] = []
        for (directory, entries) in zip(directories, begun) {
            shares.append(entries.map { entries in
                let first = found.count
                found += entries.filter { S3UploadLister.isDirectlyInside($0.key, directory.prefix) }.map { entry in
                    (S3Upload(S3Location(bucket: directory.bucket, key: entry.key), id: entry.id), entry.begun)
                }
                return first..<found.count
            })
        }
        let contents = contents(found.map(\.upload))
        return shares.map { share in
            share.flatMap { share in S3UploadLister.told(share.map { (found[$0].upload, found[$0].begun, contents[$0]) }) }
        }
    }

    /// Other gateways may pass over the delimiter; what has no name in the directory cannot be asked for.
    private static func isDirectlyInside(_ key: String, _ prefix: String) -> Bool {
        let name = key.utf8.dropFirst(prefix.utf8.count)
        return key.utf8.starts(with: prefix.utf8) && !name.isEmpty && !name.contains(UInt8(ascii: "/"))
    }

    /// What was ended between the two questions is none any more.
    private static func told(
        _ asked: [(upload: S3Upload, begun: Int64, content: Result<S3PartsPages, StorageError>)]
    ) -> Result<[UnfinishedUpload], StorageError> {
        var uploads: [UnfinishedUpload] = []
        for one in asked {
            switch one.content {
            case .success(let content):
                uploads.append(
                    UnfinishedUpload(
                        target: one.upload.place.target, temporary: one.upload.temporary, size: content.size,
                        modified: max(one.begun, content.modified)))
            case .failure(let error) where error.kind == .absent: continue
            case .failure(let error): return .failure(error)
            }
        }
        return .success(uploads)
    }

    // MARK: page after page

    private func uploads(_ directories: [S3Location]) -> [Result<[S3UploadsPage.Entry], StorageError>] {
        var answers: [Result<[S3UploadsPage.Entry], StorageError>] = directories.map { _ in .success([]) }
        var open = directories.indices.map { (index: $0, mark: S3UploadsPage.Mark?.none) }
        while !open.isEmpty {
            let calls = open.map { S3Call.listUploads(directories[$0.index].bucket, prefix: directories[$0.index].prefix, after: $0.mark) }
            var further: [(index: Int, mark: S3UploadsPage.Mark?)] = []
            for (asked, answer) in zip(open, service.perform(calls)) {
                do throws(StorageError) {
                    let page = try S3UploadsPage(try answer.get().body)
                    answers[asked.index] = .success(try answers[asked.index].get() + page.entries)
                    // a list that begins anew would have no end
                    if let next = page.next, next != asked.mark { further.append((asked.index, next)) }
                } catch {
                    answers[asked.index] = .failure(error)
                }
            }
            open = further
        }
        return answers
    }

    private func contents(_ uploads: [S3Upload]) -> [Result<S3PartsPages, StorageError>] {
        var answers: [Result<S3PartsPages, StorageError>] = uploads.map { _ in .success(S3PartsPages()) }
        var open = uploads.indices.map { (index: $0, mark: String?.none) }
        while !open.isEmpty {
            var further: [(index: Int, mark: String?)] = []
            for (asked, answer) in zip(open, service.perform(open.map { uploads[$0.index].parts(after: $0.mark) })) {
                do throws(StorageError) {
                    let page = try S3PartsPage(try answer.get().body)
                    answers[asked.index] = .success(try answers[asked.index].get().adding(page))
                    if let next = page.next, next != asked.mark { further.append((asked.index, next)) }
                } catch {
                    answers[asked.index] = .failure(error)
                }
            }
            open = further
        }
        return answers
    }
}

/// What has arrived of an upload, over all pages.
private struct S3PartsPages {
    var size: UInt64 = 0
    var modified: Int64 = 0

    func adding(_ page: S3PartsPage) -> S3PartsPages {
        S3PartsPages(size: size + page.size, modified: max(modified, page.modified))
    }
}
