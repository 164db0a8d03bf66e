import Glibc
import MartletPorts
import Testing

/// What real commands have printed: files of `Recorded`, which its README tells how to renew.
enum Recording {
    static func text(_ name: String, file: String = #filePath) throws -> String {
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(folder)/Recorded/\(name)"
        guard let stream = fopen(path, "r") else { throw Missing(path: path) }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        while case let byte = getc(stream), byte != EOF { bytes.append(UInt8(byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    struct Missing: Error { let path: String }
}
