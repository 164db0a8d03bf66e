import MartletPorts

extension DAVServer {
    private struct Group {
        var directory: HTTPURL
        var members: [(place: Int, name: String)] = []
    }

    /// Whether each is there: from one listing a directory where some names in it are asked for, all listings at once.
    /// Outside of a planning, what a listing lacks is asked for by itself before it is said to be absent.
    func look(_ targets: [DAVTarget], while planning: PlanningID?) -> [Existence] {
        listings.begin(planning)
        var answers = [Existence?](repeating: nil, count: targets.count)
        var toList: [Group] = []
        for group in DAVServer.grouped(targets) {
            if let listing = listings[group.directory] {
                answer(group, from: listing, &answers)
            } else if !lacks("PROPFIND", group.directory.asDirectory), listings.isWorthwhile(group.directory, group.members.count) {
                toList.append(group)
            }
        }
        for (group, listing) in zip(toList, list(toList.map(\.directory), Properties.kind)) {
            // who may not list a directory may still know a file in it
            if case .failure(let error) = listing, error.kind == .denied || error.kind == .unsupported { continue }
            let seen = DAVServer.seen(listing)
            listings.keep(seen, of: group.directory)
            answer(group, from: seen, &answers)
        }
        // a listing may lag behind what was written; while planning, what it lacks would be asked for again and again
        let isDoubtful = planning == nil
        let others = answers.indices.filter { answers[$0] == nil || (isDoubtful && answers[$0] == .absent) }
        for (place, status) in zip(others, stat(others.map { targets[$0].url })) { answers[place] = Existence(status) }
        return answers.compactMap { $0 }
    }

    private func answer(_ group: Group, from listing: DAVListings.Listing, _ answers: inout [Existence?]) {
        for (place, name) in group.members { answers[place] = listing.look(name, "PROPFIND", group.directory) }
    }

    private static func seen(_ listing: Result<[DAVEntry], StorageError>) -> DAVListings.Listing {
        switch listing {
        case .success(let entries):
            var names: [ExactText: Int] = [:]
            for entry in entries { names[ExactText(entry.name)] = entry.status }
            return .names(names)
        case .failure(let error): return error.kind == .absent ? .absent : .unknown(error)
        }
    }

    /// Targets by the directory that they lie in, in the order in which the directories first come.
    private static func grouped(_ targets: [DAVTarget]) -> [Group] {
        var groups: [Group] = []
        var places: [HTTPURL: Int] = [:]
        for (i, target) in targets.enumerated() {
            guard let (directory, name) = target.place else { continue }
            let place = places[directory] ?? groups.count
            if place == groups.count {
                places[directory] = place
                groups.append(Group(directory: directory))
            }
            groups[place].members.append((i, name))
        }
        return groups
    }

    // MARK: listings

    /// What is directly in each directory. `.absent` for what is no directory.
    func list(
        _ directories: [HTTPURL], _ properties: String = Properties.usual
    ) -> [Result<[DAVEntry], StorageError>] {
        let requests = directories.map { DAVServer.propfind($0.asDirectory, .children, properties) }
        return zip(requests, perform(requests)).map { request, answer in
            do throws(StorageError) {
                guard let entries = try entries(answer, to: request) else { throw unlisted(request.url) }
                return .success(try DAVServer.children(entries, of: request.url))
            } catch {
                return .failure(error)
            }
        }
    }

    private func unlisted(_ url: HTTPURL) -> StorageError {
        if !lacks("PROPFIND", url), case .failure(let error) = stat([url])[0] { return error }
        return StorageError(.unsupported, "\(url.shown) is not listed: its server knows no WebDAV there")
    }

    /// The entries of a listing that are in the directory itself. A server may know it under another path than we do.
    static func children(_ entries: [DAVEntry], of url: HTTPURL) throws(StorageError) -> [DAVEntry] {
        let asked = ExactText(url.plainPath)
        let itself = entries.first { ExactText($0.path) == asked }
            ?? entries.min { $0.path.utf8.count < $1.path.utf8.count }
        guard let itself else { throw StorageError(.transient, "PROPFIND \(url.shown): the answer is about nothing") }
        guard itself.status == 200 else { throw error(itself.status, "PROPFIND", url) }
        guard itself.isDirectory else { throw StorageError(.absent, "\(url.shown) is no directory") }
        let head = Array((itself.path == "/" ? "/" : itself.path + "/").utf8)
        var children: [DAVEntry] = []
        for entry in entries where !entry.path.utf8.elementsEqual(itself.path.utf8) {
            guard entry.path.utf8.starts(with: head) else {
                throw StorageError(.transient, "PROPFIND \(url.shown): the answer is about \(entry.path) too, which is elsewhere")
            }
            // some servers answer with what is deeper, too
            if !entry.path.utf8.dropFirst(head.count).contains(UInt8(ascii: "/")) { children.append(entry) }
        }
        return children
    }
}
