import Glibc
import MartletPorts
import MartletSystem

/// The claim of a slice that pilots may take: a file that is made once. Who makes it runs the slice's tasks, or has them
/// run elsewhere; so it works on every file system that machines share, and without a driver.
enum SliceClaim {
    enum Holder: Equatable {
        case pilot(Int)
        /// A driver, this one or an earlier: no pilot will ever run it.
        case driver
        /// Who made it did not live to write its name.
        case nobody
    }

    private static let driver = "driver"

    /// Takes a slice out of the pilots' reach.
    /// - Returns: nil when that is done; else who had it before.
    static func take(_ slice: Int, in folder: String) throws(SystemError) -> Holder? {
        FailPoint.jobsClaim.pass()
        let path = JobArray.claim(of: slice, in: folder)
        do throws(SystemError) {
            try write(path, name: nameDriver)
            return nil
        } catch {
            switch error.code {
            case EEXIST: return try holder(path)
            case ENOENT:
                // nobody was ever told of the submission
                try Directory.make(folder)
                try write(path, name: nameDriver)
                return nil
            default: throw error
            }
        }
    }

    /// A claim that cannot be written is none.
    /// - Parameter name: writes who has it; tests put a disk that is full in its place.
    static func write(_ path: String, name: (Descriptor) throws(SystemError) -> Void) throws(SystemError) {
        let file = try File.openNew(path)
        do throws(SystemError) {
            _ = try FailPoint.jobsClaimed.allows("write", path)
            try name(file)
        } catch {
            let cause = error
            do throws(SystemError) { try File.remove(path) } catch {}
            throw cause
        }
    }

    private static func nameDriver(_ file: Descriptor) throws(SystemError) {
        try File.writeAll(file, Array("\(driver)\n".utf8))
    }

    static func holder(of slice: Int, in folder: String) throws(SystemError) -> Holder {
        try holder(JobArray.claim(of: slice, in: folder))
    }

    private static func holder(_ path: String) throws(SystemError) -> Holder {
        let text = String(decoding: try File.read(path), as: UTF8.self)
        guard text.last == "\n" else { return .nobody }
        if text.dropLast() == driver { return .driver }
        return Int(text.dropLast()).map(Holder.pilot) ?? .nobody
    }
}
