import MartletPorts

/// What is directly inside a directory, from its first entry on, as far as it was read.
struct S3Listing {
    /// With the name within the directory.
    struct Entry {
        var name: String
        var isDirectory: Bool
        var size: UInt64
        var modified: Int64
    }
    private(set) var entries: [Entry] = []
    private var kinds: [ExactText: Bool] = [:]
    private let prefix: String
    /// Whether the directory has an object of its own, as one has that was made before anything was in it.
    private(set) var isMarked = false
    /// The page that comes next; nil when all was read.
    private(set) var next: String?
    private(set) var pages = 0
    private var last = ""

    init(prefix: String) { self.prefix = prefix }

    mutating func add(_ page: S3Page) {
        pages += 1
        next = page.next
        for entry in page.entries {
            last = entry.key
            let rest = entry.key.utf8.dropFirst(prefix.utf8.count)
            if rest.isEmpty {
                isMarked = true
                continue
            }
            let name = String(decoding: entry.isDirectory ? rest.dropLast() : rest, as: UTF8.self)
            // of a file and a directory of one name the file counts, which comes first; what has no name cannot be asked for
            if name.isEmpty || kinds[ExactText(name)] != nil { continue }
            kinds[ExactText(name)] = entry.isDirectory
            entries.append(
                Entry(name: name, isDirectory: entry.isDirectory, size: entry.size, modified: entry.modified))
        }
    }

    /// Whether there is such a directory at all. That of the bucket is there when it could be listed.
    var isThere: Bool { prefix.isEmpty || isMarked || !entries.isEmpty }

    /// nil where it was not read as far.
    func has(_ name: String) -> Bool? {
        if kinds[ExactText(name)] != nil { return true }
        // a directory of that name would come behind a file of it
        return next == nil || "\(prefix)\(name)/".utf8.lexicographicallyPrecedes(last.utf8) ? false : nil
    }
}
