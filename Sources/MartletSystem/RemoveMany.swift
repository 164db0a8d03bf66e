import Glibc

/// unlink(2) of many paths at once, on short-lived threads that have ended when the call returns.
///
/// Where the disk is told of each file that goes (ext4 with `discard`), or a server, one call waits for milliseconds and
/// computes nothing: sixteen at once took a sixtieth of the time.
public enum RemoveMany {
    private static let stride = 8, threads = 16

    /// Files, or empty directories. - Returns: for each path, in order, why it is still there; nil where it is gone.
    public static func remove(_ paths: [String]) -> [SystemError?] {
        var codes = [Int32](repeating: 0, count: paths.count)
        StatMany.withCStrings(paths) { pointers in
            codes.withUnsafeMutableBufferPointer { out in
                let slots = StatMany.Slots(paths: pointers, out: out)
                StatMany.each(pointers.count, slots, alone: stride, stride: stride, most: threads) { slots, i, _ in
                    slots.out[i] = remove(slots.paths[i])
                }
            }
        }
        return zip(paths, codes).map { path, code in code == 0 ? nil : SystemError(code, "unlink", path) }
    }

    private static func remove(_ path: UnsafePointer<CChar>) -> Int32 {
        if unlink(path) == 0 { return 0 }
        let code = errno
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return code }
        return rmdir(path) == 0 ? 0 : errno
    }
}
