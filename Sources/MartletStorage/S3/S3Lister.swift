import MartletModel
import MartletPorts

/// Lists directories in S3, many at once.
struct S3Lister {
    let service: S3Service

    struct Want {
        var directory: S3Location
        var mostPages = Int.max
    }

    /// One answer per directory, in order: page after page of each, the pages of all together.
    func list(_ wants: [Want]) -> [Result<S3Listing, StorageError>] {
        var answers: [Result<S3Listing, StorageError>] = wants.map { .success(S3Listing(prefix: $0.directory.prefix)) }
        var open = Array(wants.indices)
        while !open.isEmpty {
            let calls = open.map { i in
                let token: String? = if case .success(let listing) = answers[i] { listing.next } else { nil }
                return S3Call.list(wants[i].directory.bucket, prefix: wants[i].directory.prefix, delimiter: true, token: token)
            }
            for (i, answer) in zip(open, service.perform(calls)) { answers[i] = S3Lister.adding(answer, to: answers[i]) }
            open = open.filter { i in
                guard case .success(let listing) = answers[i] else { return false }
                return listing.next != nil && listing.pages < wants[i].mostPages
            }
        }
        return answers
    }

    /// Whether anything has the prefixes of these directories, their own markers included.
    func areThere(_ directories: [S3Location]) -> [Result<Bool, StorageError>] {
        contents(of: directories, most: 1).map { $0.map { !$0.isEmpty } }
    }

    /// The first keys that have the prefixes of directories.
    func contents(of directories: [S3Location], most: Int) -> [Result<[String], StorageError>] {
        let calls = directories.map { S3Call.list($0.bucket, prefix: $0.prefix, delimiter: false, most: most) }
        return service.perform(calls).map { answer in
            answer.flatMap { response in
                do throws(StorageError) {
                    return .success(try S3Page(response.body).entries.map(\.key))
                } catch {
                    return .failure(error)
                }
            }
        }
    }

    private static func adding(
        _ answer: Result<HTTPResponse, StorageError>, to listing: Result<S3Listing, StorageError>
    ) -> Result<S3Listing, StorageError> {
        do throws(StorageError) {
            var listing = try listing.get()
            listing.add(try S3Page(try answer.get().body))
            return .success(listing)
        } catch {
            return .failure(error)
        }
    }
}
