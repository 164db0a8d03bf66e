import Glibc
import MartletModel
import MartletSystem

/// The file `lock` in the folder of claims: who holds its lock may write claims, for some microseconds. Its length says
/// how often runs have joined and ended.
struct LeaseGate {
    let path: String

    init(directory: String) { path = "\(directory)/lock" }

    /// How often runs have joined and ended; nil when that cannot be told.
    func turns() -> UInt64? {
        do throws(SystemError) {
            return try File.size(path)
        } catch {
            return error.code == ENOENT ? 0 : nil
        }
    }

    /// Another run has joined or ended.
    func turn() throws(SystemError) {
        let file = try File.openAppending(path)
        try File.writeAll(file, [UInt8(ascii: ".")])
    }

    /// The lock, until the descriptor is closed; nil when another run holds it at the moment. Opened anew each time: a
    /// process that is forked at another time must not share it.
    func enter() throws(SystemError) -> Descriptor? {
        let file = try File.openAppending(path)
        var pause: UInt32 = 50
        for _ in 0..<12 {
            if try FileLock.take(file) { return file }
            usleep(pause)
            pause *= 2
        }
        return nil
    }
}
