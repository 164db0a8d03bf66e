import MartletModel
import MartletPorts

/// What is asked of files and folders in Dropbox.
struct DropboxLooking {
    let service: DropboxService

    func entries(_ paths: [DropboxPath]) -> [Result<DropboxEntry, StorageError>] {
        var answers: [Result<DropboxEntry, StorageError>] = paths.map { path in
            path.session == nil ? .success(.root) : .failure(StorageError(.absent, "\(path.target) waits for its commit"))
        }
        // Dropbox has nothing to say of the root
        let asked = paths.indices.filter { !paths[$0].isRoot && paths[$0].session == nil }
        for (i, answer) in zip(asked, service.perform(asked.map { DropboxCall.metadata(paths[$0]) })) {
            answers[i] = answer.flatMap { answer in Result { () throws(StorageError) in try DropboxEntry(answer.json) } }
        }
        return answers
    }

    func checksum(_ paths: [DropboxPath]) -> [Result<Checksum, StorageError>] {
        zip(paths, entries(paths)).map { path, entry in
            entry.flatMap { entry in
                entry.checksum.map { .success($0) }
                    ?? .failure(StorageError(.unsupported, "Dropbox keeps no hash of \(path.target)"))
            }
        }
    }

    /// What is in each folder, page after page of each, the pages of all together.
    func list(_ folders: [DropboxPath]) -> [Result<[DropboxEntry], StorageError>] {
        var answers: [Result<[DropboxEntry], StorageError>] = folders.map { _ in .success([]) }
        var open = folders.indices.map { i in
            (i, DropboxCall("files/list_folder", [JSONMember("path", .string(folders[i].text)), JSONMember("limit", .integer(2000))]))
        }
        while !open.isEmpty {
            let pages = service.perform(open.map(\.1))
            let asked = open.map(\.0)
            open = []
            for (i, page) in zip(asked, pages) {
                do throws(StorageError) {
                    let (entries, cursor) = try DropboxLooking.page(try page.get())
                    answers[i] = .success(try answers[i].get() + entries)
                    if let cursor { open.append((i, DropboxCall("files/list_folder/continue", [JSONMember("cursor", .string(cursor))]))) }
                } catch {
                    answers[i] = .failure(error)
                }
            }
        }
        return answers
    }

    private static func page(_ answer: DropboxAnswer) throws(StorageError) -> ([DropboxEntry], cursor: String?) {
        guard let rows = answer.json?["entries"]?.array, let hasMore = answer.json?["has_more"]?.bool else {
            throw DropboxEntry.unreadable
        }
        var entries: [DropboxEntry] = []
        for row in rows where row[".tag"]?.string != "deleted" { entries.append(try DropboxEntry(row)) }
        if !hasMore { return (entries, nil) }
        guard let cursor = answer.json?["cursor"]?.string else { throw DropboxEntry.unreadable }
        return (entries, cursor)
    }

    // MARK: many names of few folders

    /// One listing a folder answers for all that is asked of it, where that is more than a few names.
    func look(_ paths: [DropboxPath], _ known: inout DropboxKnown) -> [Result<Existence, StorageError>] {
        var answers = [Result<Existence, StorageError>?](repeating: nil, count: paths.count)
        let groups = Dictionary(grouping: paths.indices.filter { !paths[$0].isRoot && paths[$0].session == nil }) {
            DropboxKnown.Key(service: ObjectIdentifier(service), folder: paths[$0].parent)
        }
        let toList = groups.sorted { $0.value[0] < $1.value[0] }.filter { known.isWorthwhile($0.key, $0.value.count) }.map(\.key)
        for (key, listing) in zip(toList, list(toList.map(\.folder))) {
            switch listing {
            case .success(let entries): known.keep(Set(entries.map { DropboxEntry.compared($0.name) }), of: key)
            case .failure(let error) where error.kind == .absent: known.keep([], of: key)
            case .failure(let error): for i in groups[key] ?? [] { answers[i] = .failure(error) }
            }
        }
        for (key, members) in groups {
            guard let names = known[key] else { continue }
            for i in members where answers[i] == nil {
                let name = paths[i].name
                if names.contains(DropboxEntry.compared(name)) { answers[i] = .success(.there) }
                // how Dropbox compares other letters it alone knows
                else if name.utf8.allSatisfy({ $0 < 0x80 }) { answers[i] = .success(.absent) }
            }
        }
        let rest = paths.indices.filter { answers[$0] == nil }
        for (i, entry) in zip(rest, entries(rest.map { paths[$0] })) {
            answers[i] = .success(Existence(entry.map(\.status)))
        }
        return answers.compactMap { $0 }
    }

    // MARK: contents

    func read(_ path: DropboxPath, offset: UInt64, count: Int) -> Result<[UInt8], StorageError> {
        let wanted = max(count, 1)
        let call = DropboxCall(
            "files/download", [JSONMember("path", .string(path.text))],
            .download(.memory(limit: wanted), range: "bytes=\(offset)-\(offset &+ UInt64(wanted) - 1)"))
        if path.isRoot || path.session != nil {
            return .failure(StorageError(.unsupported, "\(path.target) is no file that can be read"))
        }
        return service.answers([call])[0].flatMap { answer in
            if answer.response.isSuccess { return .success(Array(answer.response.body.prefix(count))) }
            if answer.response.status == 416 { return .success([]) }
            return .failure(DropboxAnswer.error(answer.summary, answer.response.status, call.name))
        }
    }
}
