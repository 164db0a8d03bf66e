import MartletModel
import MartletPorts

/// What is asked of objects and directories in S3.
struct S3Looking {
    let service: S3Service
    private var lister: S3Lister { S3Lister(service: service) }

    // MARK: one by one

    func stat(_ places: [S3Location]) -> [Result<FileStatus, StorageError>] {
        objects(places).map { $0.map(\.status) }
    }

    func checksum(_ places: [S3Location]) -> [Result<Checksum, StorageError>] {
        zip(places, objects(places)).map { place, object in
            object.flatMap { object in
                if object.status.isDirectory { return .failure(S3Looking.isDirectory(place)) }
                guard let checksum = object.checksum else {
                    return .failure(StorageError(.unsupported, "the store keeps no checksum of \(place.target)"))
                }
                return .success(checksum)
            }
        }
    }

    static func isDirectory(_ place: S3Location) -> StorageError {
        StorageError(.unsupported, "\(place.target) is a directory")
    }

    /// Files, and directories where there is no file of the name.
    func objects(_ places: [S3Location]) -> [Result<S3Object, StorageError>] {
        var answers: [Result<S3Object, StorageError>] = heads(places)
        let rest = places.indices.filter { answers[$0].isAbsent && places[$0].upload == nil }
        for (i, isThere) in zip(rest, lister.areThere(rest.map { places[$0] })) {
            answers[i] = isThere.flatMap { isThere in
                isThere || places[i].key.isEmpty ? .success(S3Object.directory) : answers[i]
            }
        }
        return answers
    }

    /// Files alone. Of the bucket itself, and of what waits for its commit, `.absent`.
    private func heads(_ places: [S3Location]) -> [Result<S3Object, StorageError>] {
        var answers: [Result<S3Object, StorageError>] = places.map {
            .failure(StorageError(.absent, "there is no object \($0.target)"))
        }
        let asked = places.indices.filter { !places[$0].key.isEmpty && places[$0].upload == nil }
        for (i, answer) in zip(asked, service.perform(asked.map { S3Call.head(places[$0]) })) {
            answers[i] = answer.flatMap { response in Result { () throws(StorageError) in try S3Object(response) } }
        }
        return answers
    }

    // MARK: by directories

    func list(_ directories: [S3Location]) -> [Result<[DirectoryEntry], StorageError>] {
        let listings = lister.list(directories.map { S3Lister.Want(directory: $0) })
        return zip(directories, listings).map { directory, listing in
            listing.flatMap { listing in
                guard listing.isThere else {
                    return .failure(StorageError(.absent, "there is no directory \(directory.target)"))
                }
                let entries = listing.entries.map { entry in
                    DirectoryEntry(
                        name: entry.name, isDirectory: entry.isDirectory, size: entry.isDirectory ? nil : entry.size,
                        modified: entry.modified == 0 ? nil : entry.modified)
                }
                return .success(entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
            }
        }
    }

    /// Fewer names in a directory are asked for one by one.
    private static let worthwhile = 4
    /// A page of a listing costs no more than asking for that many names.
    private static let namesForAPage = 4

    /// One listing a directory answers for all that is asked of it, as long as it has not many more entries than are
    /// asked for.
    func look(_ places: [S3Location], _ known: inout S3Known) -> [Result<Existence, StorageError>] {
        var answers = [Result<Existence, StorageError>?](repeating: nil, count: places.count)
        let groups = Dictionary(grouping: places.indices.filter { !places[$0].key.isEmpty && places[$0].upload == nil }) {
            S3Known.Key(service: ObjectIdentifier(service), directory: places[$0].parent)
        }
        var wants: [(key: S3Known.Key, want: S3Lister.Want)] = []
        for (key, members) in groups.sorted(by: { $0.value[0] < $1.value[0] }) where known[key] == nil {
            let asked = known.count(members.count, in: key)
            guard asked >= S3Looking.worthwhile else { continue }
            wants.append((key, S3Lister.Want(directory: key.directory, mostPages: max(1, asked / S3Looking.namesForAPage))))
        }
        for (want, listing) in zip(wants, lister.list(wants.map(\.want))) {
            switch listing {
            case .success(let listing): known[want.key] = listing
            case .failure(let error): for i in groups[want.key] ?? [] { answers[i] = .failure(error) }
            }
        }
        for (key, members) in groups {
            guard let listing = known[key] else { continue }
            for i in members { answers[i] = listing.has(places[i].name).map { .success($0 ? .there : .absent) } ?? answers[i] }
        }
        let rest = places.indices.filter { answers[$0] == nil }
        for (i, status) in zip(rest, stat(rest.map { places[$0] })) { answers[i] = .success(Existence(status)) }
        return answers.compactMap { $0 }
    }

    // MARK: contents

    func read(_ place: S3Location, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        if place.upload != nil {
            return .failure(StorageError(.unsupported, "what waits for its commit cannot be read in S3"))
        }
        if place.key.isEmpty { return .failure(S3Looking.isDirectory(place)) }
        // S3 has no range of no bytes
        var call = S3Call("GET", place, headers: ["range": "bytes=\(offset)-\(offset &+ UInt64(max(count, 1)) - 1)"])
        call.sink = .memory(limit: max(count, 1))
        return service.perform([call], wanted: [416])[0].map { response in
            response.status == 416 ? [] : Array(response.body.prefix(count))
        }
    }
}

extension S3Object {
    static let directory = S3Object(status: FileStatus(size: 0, modified: 0, isDirectory: true))

    private init(status: FileStatus) { self.status = status }
}

extension Result<S3Object, StorageError> {
    var isAbsent: Bool {
        if case .failure(let error) = self { return error.kind == .absent }
        return false
    }
}
