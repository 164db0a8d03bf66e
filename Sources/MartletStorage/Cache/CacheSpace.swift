import MartletSystem

/// Keeps a cache within its size: what was used least recently goes first.
struct CacheSpace {
    let folder: CacheFolder
    let limit: UInt64  // bytes

    private struct Entry {
        var key: CacheKey
        var size: UInt64
        var used: Int64
    }

    /// Removes contents until `bytes` more fit; leftovers of processes that are gone too. Within `folder.changing`.
    ///
    /// Whoever was handed a content keeps it: it has a name of its own, or was copied.
    func make(for bytes: UInt64) throws(SystemError) {
        var entries = try survey()
        var total = entries.reduce(0) { $0 + $1.size }
        let allowed = limit > bytes ? limit - bytes : 0
        guard total > allowed else { return }
        entries.sort { ($0.used, $0.key.text) < ($1.used, $1.key.text) }
        for entry in entries where total > allowed {
            try folder.remove(entry.key)
            total -= entry.size
        }
    }

    /// What is there, leftovers removed.
    private func survey() throws(SystemError) -> [Entry] {
        var entries: [Entry] = []
        for name in try Directory.list(folder.path).map(\.name) {
            if name.hasPrefix(Incoming.prefix) {
                try Incoming.removeIfAbandoned("\(folder.path)/\(name)")
            } else if name.hasSuffix(".busy"), let key = CacheKey(name: name) {
                // one that nobody holds goes with the turn that is taken here
                _ = FetchTurn.take(folder, key, waiting: false)
            } else if name.hasSuffix(".data"), let key = CacheKey(name: name) {
                if let entry = try entry(key) { entries.append(entry) } else { try folder.remove(key) }
            }
        }
        return entries
    }

    /// nil for a content without a note, as a killed process leaves it.
    private func entry(_ key: CacheKey) throws(SystemError) -> Entry? {
        guard let content = try FileFacts.ifThere(folder.content(key)), let note = try FileFacts.ifThere(folder.note(key))
        else { return nil }
        return Entry(key: key, size: content.size, used: note.modified)
    }
}
