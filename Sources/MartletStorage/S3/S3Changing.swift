import MartletModel
import MartletPorts

/// What changes objects and directories in S3, but for the transfer of files.
struct S3Changing {
    let service: S3Service
    private var lister: S3Lister { S3Lister(service: service) }

    // MARK: contents

    func put(_ bytes: [UInt8], _ place: S3Location) -> Result<S3Location, StorageError> {
        do throws(StorageError) {
            try S3Changing.requireFile(place)
            let partSize = max(UInt64(bytes.count), 1)
            let upload = try S3Upload(place, begun: service.perform([S3Upload.begin(place, partSize: partSize)])[0].get())
            do throws(StorageError) {
                let tag = try S3Upload.tag(service.perform([upload.part(1, .bytes(bytes))])[0].get())
                var waiting = place
                waiting.upload = S3Upload.name(upload.id, tag)
                return .success(waiting)
            } catch {
                // the first failure is the one to tell of
                _ = service.perform([upload.abort()])
                throw error
            }
        } catch {
            return .failure(error)
        }
    }

    static func requireFile(_ place: S3Location) throws(StorageError) {
        if place.key.isEmpty || place.upload != nil {
            throw StorageError(.unsupported, "\(place.target) is not the name of a file")
        }
    }

    /// An upload is completed under its own key. An object is copied, which S3 does in one step, and removed.
    func commit(_ moves: [(temporary: TargetRef, place: S3Location)]) -> [Result<Void, StorageError>] {
        var answers: [Result<Void, StorageError>] = moves.map { _ in .success(()) }
        func carryOut(_ calls: [(index: Int, call: S3Call)]) {
            let wanted = calls.filter { if case .success = answers[$0.index] { true } else { false } }
            for (one, answer) in zip(wanted, service.perform(wanted.map(\.call))) { answers[one.index] = answer.map { _ in } }
        }
        var completing: [(index: Int, completion: S3Completion)] = []
        var asking: [(index: Int, call: S3Call)] = []
        var naming: [(index: Int, call: S3Call)] = []
        var removing: [(index: Int, call: S3Call)] = []
        let refusals = directories(moves.map(\.place))
        for (i, move) in moves.enumerated() {
            do throws(StorageError) {
                let from = try S3Location(move.temporary)
                try S3Changing.requireFile(move.place)
                if from == move.place {
                    throw StorageError(.unsupported, "\(move.place.target) is the temporary file itself")
                }
                if let error = refusals[i] { throw error }
                if let (upload, tag) = S3Upload.waiting(from) {
                    guard upload.place == move.place else {
                        throw StorageError(.unsupported, "an upload to \(upload.place.target) cannot become \(move.place.target)")
                    }
                    asking.append((i, upload.ask()))
                    completing.append((i, S3Completion(upload: upload, tags: [tag])))
                } else {
                    naming.append((i, S3Changing.copy(from, move.place)))
                    removing.append((i, S3Call("DELETE", from)))
                }
            } catch {
                answers[i] = .failure(error)
            }
        }
        carryOut(asking)
        let waiting = completing.filter { if case .success = answers[$0.index] { true } else { false } }
        for (one, answer) in zip(waiting, S3Completion.carryOut(waiting.map(\.completion), by: service)) {
            answers[one.index] = answer
        }
        carryOut(naming)
        carryOut(removing)
        return answers
    }

    private static func copy(_ from: S3Location, _ to: S3Location) -> S3Call {
        S3Call(
            "PUT", to, headers: ["x-amz-copy-source": PercentEncoding.text("/\(from.bucket)/\(from.key)", keepingSlashes: true)])
    }

    /// For each place why nothing may be written there: it is a directory, or that could not be found out.
    func directories(_ places: [S3Location]) -> [StorageError?] {
        let asked = places.indices.filter { !places[$0].key.isEmpty }
        var refusals = [StorageError?](repeating: nil, count: places.count)
        for (i, isThere) in zip(asked, lister.areThere(asked.map { places[$0] })) {
            switch isThere {
            case .success(true): refusals[i] = S3Looking.isDirectory(places[i])
            case .success(false): break
            case .failure(let error): refusals[i] = error
            }
        }
        return refusals
    }

    // MARK: removing

    func delete(_ places: [S3Location]) -> [Result<Void, StorageError>] {
        var answers = [Result<Void, StorageError>?](repeating: nil, count: places.count)
        let uploads = places.indices.compactMap { i in S3Upload.waiting(places[i]).map { (i, $0.upload) } }
        for ((i, _), answer) in zip(uploads, service.perform(uploads.map { $0.1.abort() })) { answers[i] = answer.map { _ in } }
        let rest = places.indices.filter { answers[$0] == nil }
        // S3 says of what is not there, too, that it was removed
        var gone: [(index: Int, object: S3Location)] = []
        var directories: [Int] = []
        for (i, object) in zip(rest, S3Looking(service: service).objects(rest.map { places[$0] })) {
            switch object {
            case .failure(let error): answers[i] = .failure(error)
            case .success(let object) where object.status.isDirectory: directories.append(i)
            case .success: gone.append((i, places[i]))
            }
        }
        for (i, keys) in zip(directories, lister.contents(of: directories.map { places[$0] }, most: 2)) {
            switch keys {
            case .failure(let error): answers[i] = .failure(error)
            case .success([places[i].prefix]) where !places[i].key.isEmpty:
                gone.append((i, S3Location(bucket: places[i].bucket, key: places[i].prefix)))
            case .success: answers[i] = .failure(StorageError(.unsupported, "the directory \(places[i].target) is not empty"))
            }
        }
        for (i, answer) in zip(gone.map(\.index), S3Deletion(service: service).delete(gone.map(\.object))) { answers[i] = answer }
        return answers.map { $0 ?? .failure(StorageError(.transient, "there was no answer")) }
    }

    // MARK: directories

    func mkdir(_ places: [S3Location]) -> [Result<Void, StorageError>] {
        let chains = places.map { place in S3Changing.chain(place) }
        let levels = Array(Set(chains.joined()))
        let isThere = Dictionary(uniqueKeysWithValues: zip(levels, lister.areThere(levels)))
        let isFile = Dictionary(uniqueKeysWithValues: zip(levels, service.perform(levels.map(S3Call.head), wanted: [404])))
        var missing: Set<S3Location> = []
        var answers: [Result<Void, StorageError>] = zip(places, chains).map { place, chain in
            Result { () throws(StorageError) in
                if place.upload != nil { throw StorageError(.unsupported, "\(place.target) is not the name of a directory") }
                for level in chain {
                    if try isFile[level]?.get().isSuccess == true {
                        throw StorageError(.unsupported, "\(level.target) is a file")
                    }
                    if try isThere[level]?.get() == false { missing.insert(level) }
                }
            }
        }
        // a bucket of which nothing is to be made has been asked for nothing
        for (i, place) in places.enumerated() where chains[i].isEmpty { answers[i] = lister.areThere([place])[0].map { _ in } }
        let made = Array(missing)
        let calls = made.map { S3Call("PUT", S3Location(bucket: $0.bucket, key: $0.prefix), body: .bytes([])) }
        let results = Dictionary(uniqueKeysWithValues: zip(made, service.perform(calls)))
        for (i, chain) in chains.enumerated() {
            for level in chain { if case .failure(let error)? = results[level] { answers[i] = .failure(error) } }
        }
        return answers
    }

    /// The directory and those around it, without the bucket.
    private static func chain(_ place: S3Location) -> [S3Location] {
        var chain: [S3Location] = []
        var level = S3Location(bucket: place.bucket, key: place.key)
        while !level.key.isEmpty {
            chain.append(level)
            level = level.parent
        }
        return chain
    }
}
