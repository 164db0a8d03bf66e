import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// A local submission, in a directory called by its tag: `array`, the description as JSON, whose presence means that all
/// its jobs were accepted, and a directory for each job that was begun (`LocalJob`).
struct LocalArray {
    let directory: String

    func job(_ index: Int) -> LocalJob { LocalJob(directory: "\(directory)/\(index)") }

    /// Writes the description, unless one is there. On disk when this returns.
    func accept(_ array: JobArray) throws(SystemError) {
        if try description(of: array.tag) != nil { return }
        try Directory.make(directory)
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("count")
        writer.integer(array.count)
        writer.name("command")
        writer.beginArray()
        for word in array.command { writer.string(word) }
        writer.endArray()
        writer.name("directory")
        writer.string(array.directory)
        writer.name("folder")
        writer.string(array.folder)
        writer.endObject()
        try File.replace("\(directory)/array", with: writer.bytes, durable: true)
    }

    /// nil when it was never accepted.
    func description(of tag: String) throws(SystemError) -> JobArray? {
        let path = "\(directory)/array"
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try File.read(path)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        do {
            let json = try JSON.parse(bytes)
            guard let count = json["count"]?.integer, let words = json["command"]?.array,
                let folder = json["folder"]?.string, let start = json["directory"]?.string
            else { throw SystemError(EBADMSG, "read", path) }
            return JobArray(
                tag: tag, count: Int(clamping: count), command: words.compactMap(\.string), directory: start, folder: folder)
        } catch {
            throw SystemError(EBADMSG, "read", path)
        }
    }
}
