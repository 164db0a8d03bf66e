import Glibc
import MartletSystem

/// Paths as text.
enum Path {
    /// The part behind the last slash.
    static func name(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return String(path[path.utf8.index(after: slash)...])
    }

    /// The absolute path without symbolic links; nil when something on the way does not exist.
    static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// `name` inside `folder`; an absolute `name` stays as it is.
    static func join(_ folder: String, _ name: String) -> String {
        if name.hasPrefix("/") { return name }
        return folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// An absolute path and its parents, up to the root.
    static func upwards(from path: String) -> [String] {
        var places = [path]
        while let last = places.last, last != "/" { places.append(Directory.parent(of: last)) }
        return places
    }
}

extension SystemError {
    /// Nothing is there, as opposed to: it could not be looked at.
    var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
}
