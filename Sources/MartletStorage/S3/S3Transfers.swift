import Glibc
import MartletModel
import MartletPorts
import MartletSystem

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
        let come = S3Progress(items.count, wanted.map(\.object.status.size), progress)
        come.finished(items.count - wanted.count)
        for slice in S3Transfers.slices(wanted, size: \.object.status.size) {
            for (i, answer) in zip(slice.map(\.index), fetch(slice.map { (items[$0.index], $0.object) }, come)) {
                answers[i] = answer
            }
        }
        return answers.map { $0 ?? .failure(StorageError(.transient, "there was no answer")) }
    }

    private func fetch(_ slice: [(item: Item, object: S3Object)], _ come: S3Progress) -> Answers {
        let shares = slice.map { item, object in
            let parts = S3Parts(size: object.status.size, wanted: service.partSize)
            return parts.isWhole
                ? [S3Transfers.whole(item, object)] : parts.ranges(of: item.transfer.partial).map { S3Transfers.range($0, item, object) }
        }
        let calls = Array(shares.joined())
        var parts = service.perform(calls) { come.tell($0.received, ended: calls.count == slice.count ? $0.ended : 0) }[...]
        let answers: Answers = zip(slice, shares).map { one, calls in
            let responses = Array(parts.prefix(calls.count))
            parts = parts.dropFirst(calls.count)
            return Result { () throws(StorageError) in try S3Transfers.finish(one.item, one.object, responses) }
        }
        come.finished(slice.count, slice.reduce(0) { $0 + $1.object.status.size })
        return answers
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
        let partial = item.transfer.partial
        do throws(StorageError) {
            for response in responses { _ = try response.get() }
            let size = try StorageError.ofSystem { () throws(SystemError) in try File.size(partial) }
            guard size == object.status.size else {
                throw StorageError(.corrupt, "\(size) bytes came of \(item.place.target), which has \(object.status.size)")
            }
            guard try object.isContent(of: partial) else {
                throw StorageError(.corrupt, "what came of \(item.place.target) has another checksum than it has there")
            }
            try StorageError.ofSystem { () throws(SystemError) in try File.rename(partial, to: item.transfer.local) }
            return object.status
        } catch {
            // what came in vain is not kept; where nothing came there is nothing
            do throws(SystemError) { try File.remove(partial) } catch {}
            throw error
        }
    }

    // MARK: storing

    func store(_ items: [Item]) -> Answers {
        var answers: [Result<FileStatus, StorageError>?] = Array(repeating: nil, count: items.count)
        var wanted: [(index: Int, size: UInt64)] = []
        for (i, item) in items.enumerated() {
            do throws(StorageError) {
                try S3Changing.requireFile(item.place)
                wanted.append((i, try S3Transfers.localSize(item.transfer.local)))
            } catch {
                answers[i] = .failure(error)
            }
        }
        let come = S3Progress(items.count, wanted.map(\.size), progress)
        come.finished(items.count - wanted.count)
        for slice in S3Transfers.slices(wanted, size: \.size) {
            for (i, answer) in zip(slice.map(\.index), store(slice.map { (items[$0.index], $0.size) }, come)) {
                answers[i] = answer
            }
        }
        return answers.map { $0 ?? .failure(StorageError(.transient, "there was no answer")) }
    }

    private static func localSize(_ path: String) throws(StorageError) -> UInt64 {
        try StorageError.ofSystem { () throws(SystemError) in
            let status = try StatMany.status(of: path)
            if status.isDirectory { throw SystemError(EISDIR, "read", path) }
            return status.size
        }
    }

    private func store(_ slice: [(item: Item, size: UInt64)], _ come: S3Progress) -> Answers {
        let refusals = S3Changing(service: service).directories(slice.map(\.item.place))
        var sent = slice.indices.filter { refusals[$0] == nil }
        var answers: Answers = refusals.map { .failure($0 ?? StorageError(.transient, "there was no answer")) }
        let results = S3Sending(service: service).send(
            sent.map { (slice[$0].item.place, slice[$0].item.transfer.local, slice[$0].size) }
        ) { progress, isOneEach in come.tell(progress.sent, ended: isOneEach ? progress.ended : 0) }
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
        come.finished(slice.count, slice.reduce(0) { $0 + $1.size })
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
