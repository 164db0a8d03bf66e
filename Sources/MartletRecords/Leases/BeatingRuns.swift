import Glibc
import MartletPorts
import MartletSystem

/// Runs of other machines that are alive, as their heartbeats tell; for one who takes no part.
enum BeatingRuns {
    /// Nanoseconds: a heart that has not beaten for so long has stopped. Many times of what runs wait for one another.
    private static let silence: Int64 = 3600 * 1_000_000_000

    /// - Parameters:
    ///   - directory: of claims; it need not exist.
    ///   - now: by the clock of its file system.
    static func holders(in directory: String, now: Int64) throws(SystemError) -> Set<LeaseHolder> {
        var holders: Set<LeaseHolder> = []
        for name in try Directory.listIfThere(directory) where name.hasSuffix(ClaimFile.fileExtension) {
            let path = "\(directory)/\(name)"
            guard let beat = Directory.modified(HeartbeatWatch.path(of: path)), now - beat < silence else { continue }
            do throws(SystemError) {
                let line = try File.read(path, offset: 0, count: 4096).prefix { $0 != UInt8(ascii: "\n") }
                if let header = ClaimHeader(line: line) { holders.insert(header.holder) }
            } catch {
                if error.code != ENOENT { throw error }  // it has ended meanwhile
            }
        }
        return holders
    }
}
