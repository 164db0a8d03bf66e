import MartletModel
import MartletPorts

/// Reads a `multistatus` (RFC 4918, section 13) while it arrives. Of 50,000 entries it keeps some megabytes.
///
/// Hrefs may be URLs or paths, encoded in any way. What a server does not tell of a resource (a `propstat` that is not
/// 200) is left open; where it tells nothing at all, the status says why.
final class Multistatus: BodyConsumer, XMLHandler, @unchecked Sendable {
    // Unchecked: belongs to one request, and is used by the thread that carries it out.

    static let mostEntries = 5_000_000

    private var reader: XMLReader?
    private var failure: String?
    private(set) var entries: [DAVEntry] = []
    private var isMultistatus = false

    // the response, and the propstat in it, that is read now
    private var href: String?
    private var responseStatus: Int?
    private var entry = DAVEntry(path: "")
    private var found = DAVEntry(path: "")
    private var propstatStatus: Int?
    private var isTold = false
    private var worst: Int?
    private var isInPropstat = false

    func begin(_ status: Int) {
        (entries, failure, isMultistatus, isInPropstat) = ([], nil, false, false)
        do throws(StorageError) {
            reader = try XMLReader(self)
        } catch {
            failure = error.message
        }
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> String? {
        if failure == nil { failure = reader?.read(bytes) }
        return failure
    }

    /// The answer is complete.
    func finished() throws(StorageError) -> [DAVEntry] {
        if failure == nil { failure = reader == nil ? "there is none" : reader?.end() }
        if failure == nil && !isMultistatus { failure = "it is no multistatus" }
        if let failure { throw StorageError(.transient, "the server's answer cannot be used: \(failure)") }
        return entries
    }

    // MARK: elements

    func start(_ name: XMLName) -> StaticString? {
        switch name {
        case "DAV:\nmultistatus": isMultistatus = true
        case "DAV:\nresponse":
            if entries.count >= Multistatus.mostEntries { return "it has too many entries" }
            (href, responseStatus, worst, isTold) = (nil, nil, nil, false)
            entry = DAVEntry(path: "")
        case "DAV:\npropstat":
            found = DAVEntry(path: "")
            propstatStatus = nil
            isInPropstat = true
        case "DAV:\ncollection": found.isDirectory = true
        default: break
        }
        return nil
    }

    func end(_ name: XMLName, text: UnsafeRawBufferPointer) {
        var string: String { String(decoding: text, as: UTF8.self) }
        switch name {
        case "DAV:\nhref": if href == nil { href = string }
        case "DAV:\nstatus":
            if isInPropstat { propstatStatus = Multistatus.status(text) } else { responseStatus = Multistatus.status(text) }
        case "DAV:\ngetcontentlength": found.size = UInt64(string)
        case "DAV:\ngetlastmodified": found.modified = HTTPDate.seconds(string).map { $0 * 1_000_000_000 }
        case "http://owncloud.org/ns\nchecksum":
            found.checksums = [found.checksums, string].compactMap { $0 }.joined(separator: " ")
        case "DAV:\npropstat": endPropstat()
        case "DAV:\nresponse": endResponse()
        default: break
        }
    }

    private func endPropstat() {
        isInPropstat = false
        let status = propstatStatus ?? 200
        guard (200..<300).contains(status) else {
            // a property that a resource does not have says nothing of the resource
            if status != 404 { worst = max(worst ?? 0, status) }
            return
        }
        isTold = true
        entry.isDirectory = entry.isDirectory || found.isDirectory
        entry.size = found.size ?? entry.size
        entry.modified = found.modified ?? entry.modified
        entry.checksums = found.checksums ?? entry.checksums
    }

    private func endResponse() {
        guard let href, let path = Multistatus.path(href) else { return }
        entry.path = path
        if let responseStatus, !(200..<300).contains(responseStatus) {
            entry.status = responseStatus
        } else if !isTold, let worst {
            entry.status = worst
        }
        entries.append(entry)
    }

    /// The number in `HTTP/1.1 404 Not Found`; 0 where there is none.
    private static func status(_ line: UnsafeRawBufferPointer) -> Int {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")) else { return 0 }
        let digits = line[(space + 1)...].prefix { $0 != UInt8(ascii: " ") }
        return Int(String(decoding: digits, as: UTF8.self)) ?? 0
    }

    /// nil for what is no href, and for names that are no UTF-8, which no target can have.
    static func path(_ href: String) -> String? {
        let slash = UInt8(ascii: "/")
        var path = Substring(href)
        if href.utf8.first != slash {
            guard let scheme = href.range(ofFirst: "://"), !href.utf8[..<scheme.lowerBound].contains(slash) else { return nil }
            let rest = href[scheme.upperBound...]
            path = rest.utf8.firstIndex(of: slash).map { rest[$0...] } ?? "/"
        }
        // some servers leave a `%` as it is
        return HTTPPath.tidy(PercentEncoding.decoded(path) ?? String(path))
    }
}
