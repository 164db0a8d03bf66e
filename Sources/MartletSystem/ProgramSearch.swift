import Glibc

/// Finds programs along PATH, and remembers where.
public struct ProgramSearch {
    /// What a process without PATH looks through.
    static let usualPath = "/usr/local/bin:/usr/bin:/bin"

    private struct Key: Hashable {
        var name: String
        var path: String
    }
    private var found: [Key: String] = [:]

    public init() {}

    /// The path of the program; a name with a slash is one already.
    /// - Throws: ENOENT, or EACCES where something of that name is there and cannot be executed.
    mutating func find(_ name: String, path: String) throws(SystemError) -> String {
        if name.utf8.contains(UInt8(ascii: "/")) { return name }
        let key = Key(name: name, path: path)
        if let known = found[key] { return known }
        var code = ENOENT
        for directory in path.split(separator: ":", omittingEmptySubsequences: false) where !name.isEmpty {
            let candidate = directory.isEmpty ? "./\(name)" : "\(directory)/\(name)"
            if access(candidate, X_OK) == 0 {
                if Directory.isDirectory(candidate) { continue }
                found[key] = candidate
                return candidate
            }
            if errno == EACCES { code = EACCES }
        }
        throw SystemError(code, "exec", name)
    }

    /// Forgets where the program was. - Returns: false when that was not known.
    mutating func forget(_ name: String, path: String) -> Bool {
        found.removeValue(forKey: Key(name: name, path: path)) != nil
    }
}
