import CSystem
import Glibc

/// Whether a file system belongs to one machine.
public enum FileSystemKind: Sendable {
    /// Locks of the kernel hold for everybody who can see the files.
    case local
    /// Other machines may see the files, and locks may not reach them.
    case shared

    /// Of the file system that a path lies on, which must be there.
    public static func of(_ path: String) throws(SystemError) -> FileSystemKind {
        var magic: UInt = 0
        guard csystem_file_system(path, &magic) == 0 else { throw .last("statfs", path) }
        return sharedMagics.contains(UInt32(truncatingIfNeeded: magic)) ? .shared : .local
    }

    /// Of the file system that a path lies on, or would lie on: of the nearest folder above it that is there. Shared when
    /// that cannot be told.
    public static func nearest(_ path: String) -> FileSystemKind {
        var path = path
        while true {
            do throws(SystemError) { return try of(path) } catch {
                let parent = Directory.parent(of: path)
                guard error.code == ENOENT, parent != path else { return .shared }
                path = parent
            }
        }
    }

    /// Whether names in a directory are told apart byte by byte, as far as is known of its file system: only then does
    /// a listing say which names are absent.
    public static func namesAreBytes(in directory: String) -> Bool {
        var magic: UInt = 0
        guard csystem_file_system(directory, &magic) == 0 else { return false }
        return magicsOfBytes.contains(UInt32(truncatingIfNeeded: magic))
    }

    private static let magicsOfBytes: Set<UInt32> = [
        0x0102_1994, 0x8584_58F6,  // tmpfs, ramfs
        0xEF53, 0x5846_5342, 0x9123_683E, 0xF2F5_2010, 0x2FC1_2FC1,  // ext, XFS, Btrfs, F2FS, ZFS
        0x794C_7630,  // overlay
        0x6969, 0x0BD0_0BD0, 0x4750_4653, 0x1983_0326, 0x00C3_6400,  // NFS, Lustre, GPFS, BeeGFS, Ceph
        0x5346_414F, 0x6B41_4653,  // AFS
    ]

    /// <linux/magic.h>, and the sources of those that Linux itself does not know.
    private static let sharedMagics: Set<UInt32> = [
        0x6969,  // NFS
        0x5346_414F, 0x6B41_4653,  // AFS: OpenAFS, the kernel's own
        0x6573_5546,  // FUSE: EOS, sshfs, and others that need not be shared
        0x0BD0_0BD0,  // Lustre
        0x4750_4653,  // GPFS
        0x1983_0326,  // BeeGFS
        0x00C3_6400,  // Ceph
        0xFF53_4D42, 0x517B, 0xFE53_4D42,  // CIFS, SMB
        0x0102_1997,  // 9P
        0x0116_1970,  // GFS2
        0x7461_636F,  // OCFS2
        0xAAD7_AAEA,  // PanFS
        0x2003_0528,  // OrangeFS
        0x7375_7245,  // Coda
    ]
}
