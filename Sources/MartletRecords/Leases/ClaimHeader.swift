import MartletModel
import MartletPorts
import MartletSystem

/// The first line of a claims file: whose it is.
struct ClaimHeader: Equatable {
    /// The newest format that this version reads, and the one that it writes.
    static let version: Int64 = 1

    var holder: LeaseHolder

    static func forThisProcess() -> ClaimHeader {
        ClaimHeader(holder: LeaseHolder(host: Host.name(), pid: Host.pid))
    }

    /// The line with its line feed.
    var line: [UInt8] {
        var writer = JSONWriter(reserving: 128)
        writer.beginObject()
        writer.name("martlet")
        writer.string("leases")
        writer.name("version")
        writer.integer(ClaimHeader.version)
        writer.name("host")
        writer.string(holder.host)
        writer.name("pid")
        writer.integer(holder.pid)
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    init(holder: LeaseHolder) { self.holder = holder }

    /// nil when the line is no header of this version.
    init?(line: ArraySlice<UInt8>) {
        // why it is none does not matter: the file counts as damaged either way
        guard let json = try? JSON.parse(String(decoding: line, as: UTF8.self)), json["martlet"]?.string == "leases",
            json["version"]?.integer == ClaimHeader.version
        else { return nil }
        holder = LeaseHolder(
            host: json["host"]?.string ?? "", pid: Int32(truncatingIfNeeded: json["pid"]?.integer ?? 0))
    }
}
