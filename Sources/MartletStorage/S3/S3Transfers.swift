import MartletModel
import MartletPorts

/// Files that go between S3 and here, many at once, large ones in parts.
struct S3Transfers {
    typealias Item = (transfer: Transfer, place: S3Location)
    typealias Answers = [Result<FileStatus, StorageError>]

    let service: S3Service
    let progress: (TransferProgress) -> Void

    /// So much is under way between two looks at what has arrived: a file has its name when its slice is done.
    private static let sliceFiles = 512
    private static let sliceBytes: UInt64 = 4 << 30

    // MARK: fetching

    func fetch(_ items: [Item]) -> Answers {
        let objects = S3Looking(service: service).objects(items.map(\.place))
        var answers: [Result<FileStatus, StorageError>?] = zip(items, objects).map { item, object in
            switch object {
            case .failure(let error): .failure(error)
            case .success(let object): object.status.isDirectory ? .failure(S3Looking.isDirectory(item.place)) : nil
            }
        }
        var wanted: [(index: Int, object: S3Object)] = []
        for (i, object) in objects.enumerated() where answers[i] == nil {
            if case .success(let object) = object { wanted.append((i, object)) }
        }
        var tally = TransferTally(items.count, progress)
        for one in wanted { tally.expect(one.object.status.size) }
        tally.did(files: items.count - wanted.count, bytes: 0)
        for slice in S3Transfers.slices(wanted, size: \.object.status.size) {
            for (i, answer) in zip(slice.map(\.index), fetch(slice.map { (items[$0.index], $0.object) }, tally)) {
                answers[i] = answer
            }
            tally.did(files: slice.count, bytes: slice.reduce(0) { $0 + $1.object.status.size })
        }
        return answers.map { $0 ?? .failure(StorageError(.transient, "there was no answer")) }
    }

    private func fetch(_ slice: [(item: Item, object: S3Object)], _ tally: TransferTally) -> Answers {
        let shares = slice.map { item, object in
            let parts = S3Limits.parts(of: object.status.size, wanted: service.partSize)
            return parts.isWhole
                ? [S3Transfers.whole(item, object)] : parts.ranges(of: item.transfer.partial).map { S3Transfers.range($0, item, object) }
        }
        var parts = service.perform(Array(shares.joined()), progress: tally.watch(\.received))[...]
        return zip(slice, shares).map { one, calls in
            let responses = Array(parts.prefix(calls.count))
            parts = parts.dropFirst(calls.count)
            return Result { () throws(StorageError) in try S3Transfers.finish(one.item, one.object, responses) }
        }
    }

    /// A content that has changed since it was looked at is not taken for the one that was.
    private static func whole(_ item: Item, _ object: S3Object) -> S3Call {
        var call = S3Call("GET", item.place)
        if let tag = object.tag { call.headers["if-match"] = tag }
        call.sink = .file(path: item.transfer.partial)
        return call
    }

    private static func range(_ range: FileRange, _ item: Item, _ object: S3Object) -> S3Call {
        var call = whole(item, object)
        call.headers["range"] = "bytes=\(range.offset)-\(range.offset + range.count - 1)"
        call.sink = .file(path: range.path, offset: range.offset)
        return call
    }

    private static func finish(
        _ item: Item, _ object: S3Object, _ responses: [Result<HTTPResponse, StorageError>]
    ) throws(StorageError) -> FileStatus {
        let arrival = Arrival(transfer: item.transfer, size: object.status.size)
        for response in responses {
            if case .failure(let error) = response {
                arrival.discard()
                throw error
            }
        }
        try arrival.finish { () throws(StorageError) in try object.isContent(of: item.transfer.partial) }
        return object.status
    }

    // MARK: storing

    func store(_ items: [Item]) -> Answers {
        var answers: [Result<FileStatus, StorageError>?] = Array(repeating: nil, count: items.count)
        var wanted: [(index: Int, size: UInt64)] = []
        for (i, item) in items.enumerated() {
            do throws(StorageError) {
                try S3Changing.requireFile(item.place)
                wanted.append((i, try FileRange.size(of: item.transfer.local)))
            } catch {
                answers[i] = .failure(error)
            }
        }
        var tally = TransferTally(items.count, progress)
        for one in wanted { tally.expect(one.size) }
        tally.did(files: items.count - wanted.count, bytes: 0)
        for slice in S3Transfers.slices(wanted, size: \.size) {
            for (i, answer) in zip(slice.map(\.index), store(slice.map { (items[$0.index], $0.size) }, tally)) {
                answers[i] = answer
            }
            tally.did(files: slice.count, bytes: slice.reduce(0) { $0 + $1.size })
        }
        return answers.map { $0 ?? .failure(StorageError(.transient, "there was no answer")) }
    }

    private func store(_ slice: [(item: Item, size: UInt64)], _ tally: TransferTally) -> Answers {
        let refusals = S3Changing(service: service).directories(slice.map(\.item.place))
        var sent = slice.indices.filter { refusals[$0] == nil }
        var answers: Answers = refusals.map { .failure($0 ?? StorageError(.transient, "there was no answer")) }
        let results = S3Sending(service: service).send(
            sent.map { (slice[$0].item.place, slice[$0].item.transfer.local, slice[$0].size) }, tally.watch(\.sent))
        for (i, result) in zip(sent, results) { if case .failure(let error) = result { answers[i] = .failure(error) } }
        sent = zip(sent, results).filter { if case .success = $0.1 { true } else { false } }.map(\.0)
        for (i, object) in zip(sent, S3Looking(service: service).objects(sent.map { slice[$0].item.place })) {
            answers[i] = object.flatMap { object in
                if object.status.size == slice[i].size { return .success(object.status) }
                return .failure(
                    StorageError(
                        .corrupt, "\(slice[i].item.place.target) has \(object.status.size) bytes, and should have \(slice[i].size)"))
            }
        }
        return answers
    }

    private static func slices<T>(_ items: [T], size: (T) -> UInt64) -> [[T]] {
        var slices: [[T]] = []
        var bytes: UInt64 = 0
        for item in items {
            if slices.isEmpty || slices[slices.count - 1].count == sliceFiles || bytes + size(item) > sliceBytes {
                slices.append([])
                bytes = 0
            }
            slices[slices.count - 1].append(item)
            bytes += size(item)
        }
        return slices
    }
}
