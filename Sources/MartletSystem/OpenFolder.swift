import CSystem
import Glibc

/// The folder of several paths in a row, held open while they are looked at: to find it again for each takes a quarter of
/// the time. To be closed.
struct OpenFolder {
    typealias Paths = UnsafeBufferPointer<UnsafePointer<CChar>>

    private var descriptor: Int32 = -1
    /// Its path with the slash behind it; the bytes are those of a path that was asked for.
    private var path = UnsafeRawBufferPointer(start: nil, count: 0)

    /// stat(2) of one of the paths. - Returns: 0 or errno.
    mutating func stat(_ paths: Paths, _ i: Int, _ status: inout Glibc.stat) -> Int32 {
        let whole = paths[i]
        guard let slash = strrchr(whole, slashCode), slash[1] != 0, slash != whole else {
            return fstatat(AT_FDCWD, whole, &status, 0) == 0 ? 0 : errno
        }
        let folder = UnsafeRawBufferPointer(start: whole, count: UnsafePointer(slash) - whole + 1)
        if !isOpen(folder) {
            // one of a single path is not worth it
            guard i + 1 < paths.count, OpenFolder.isDirectly(paths[i + 1], in: folder), enter(folder) else {
                return fstatat(AT_FDCWD, whole, &status, 0) == 0 ? 0 : errno
            }
        }
        return fstatat(descriptor, slash + 1, &status, 0) == 0 ? 0 : errno
    }

    mutating func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    private func isOpen(_ folder: UnsafeRawBufferPointer) -> Bool {
        descriptor >= 0 && folder.count == path.count && memcmp(folder.baseAddress!, path.baseAddress!, path.count) == 0
    }

    private static func isDirectly(_ path: UnsafePointer<CChar>, in folder: UnsafeRawBufferPointer) -> Bool {
        strncmp(path, folder.baseAddress!.assumingMemoryBound(to: CChar.self), folder.count) == 0
            && strchr(path + folder.count, slashCode) == nil
    }

    /// - Returns: whether it is open. Why it cannot be opened is told to whoever asks for the whole path.
    private mutating func enter(_ folder: UnsafeRawBufferPointer) -> Bool {
        close()
        path = folder
        descriptor = withUnsafeTemporaryAllocation(of: CChar.self, capacity: folder.count + 1) { name in
            memcpy(name.baseAddress!, folder.baseAddress!, folder.count)
            name[folder.count] = 0
            return csystem_open_place(name.baseAddress!)
        }
        return descriptor >= 0
    }
}

private let slashCode = Int32(UInt8(ascii: "/"))
