import Glibc
import MartletModel
import MartletSystem
import Testing

/// A folder of its own for one test, gone with it.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/martlet-cli-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil, let real = realpath(template, nil) else { throw SystemError.last("mkdtemp") }
        defer { free(real) }
        path = String(cString: real)
    }

    deinit { remove(path) }

    /// Writes a file, its directories made.
    @discardableResult
    func file(_ name: String, _ text: String = "", mode: mode_t = 0o644) throws -> String {
        let full = "\(path)/\(name)"
        try Directory.make(Directory.parent(of: full))
        try File.replace(full, with: Array(text.utf8))
        guard chmod(full, mode) == 0 else { throw SystemError.last("chmod", full) }
        return full
    }

    @discardableResult
    func program(_ name: String) throws -> String { try file(name, "#!/bin/sh\n", mode: 0o755) }

    func directory(_ name: String) throws -> String {
        try Directory.make("\(path)/\(name)")
        return "\(path)/\(name)"
    }

    @discardableResult
    func link(_ name: String, to destination: String) throws -> String {
        let full = "\(path)/\(name)"
        try Directory.make(Directory.parent(of: full))
        guard symlink(destination, full) == 0 else { throw SystemError.last("symlink", full) }
        return full
    }
}

/// Links are removed, never followed.
private func remove(_ path: String) {
    if unlink(path) == 0 { return }
    do {
        for entry in try Directory.list(path) { remove("\(path)/\(entry.name)") }
        try Directory.remove(path)
    } catch {
        Issue.record("left behind: \(path): \(error)")
    }
}
