import CExpat
import Glibc
import MartletPorts

/// Gets the parts of an XML document while it is read.
protocol XMLHandler: AnyObject {
    /// - Returns: nil, or why the rest is not wanted.
    func start(_ name: XMLName) -> StaticString?
    /// - Parameter text: of the element itself, without that of elements in it, and without white space around it; gone
    ///   afterwards.
    func end(_ name: XMLName, text: UnsafeRawBufferPointer)
}

/// The name of an element: `namespace` line feed `name`, or the name alone. Compared where it lies; a listing has
/// hundreds of thousands of them.
struct XMLName {
    private let bytes: UnsafePointer<CChar>
    fileprivate init(_ bytes: UnsafePointer<CChar>) { self.bytes = bytes }

    static func ~= (pattern: StaticString, name: XMLName) -> Bool {
        strcmp(UnsafeRawPointer(pattern.utf8Start).assumingMemoryBound(to: CChar.self), name.bytes) == 0
    }

    /// Without its namespace.
    var local: String {
        let separator = strrchr(bytes, 10)
        return String(cString: separator.map { UnsafePointer($0 + 1) } ?? bytes)
    }
}

/// Reads an XML document piece by piece, with libexpat. Nothing can be declared in it, so nothing is expanded; its
/// depth, and the length of one text, are bounded. Attributes are passed over.
final class XMLReader {
    private static let deepest = 64
    private static let longest = 1 << 16

    private var parser: OpaquePointer?
    private unowned let handler: any XMLHandler
    /// The texts of the elements that are open, one after another, and where each begins.
    private var texts: [UInt8] = []
    private var starts: [Int] = []

    /// - Throws: where libexpat lacks.
    init(_ handler: any XMLHandler) throws(StorageError) {
        self.handler = handler
        if let reason = cexpat_load() {
            throw StorageError(
                .unsupported,
                "this store's answers are XML, which libexpat is needed for; it could not be loaded: "
                    + "\(String(cString: reason)); install libexpat1 (Debian) or expat (EL)")
        }
        parser = cexpat_new(Unmanaged.passUnretained(self).toOpaque(), begin, finish, append)
        if parser == nil { throw StorageError(.transient, "there is no memory left to read an answer") }
    }

    deinit { if let parser { cexpat_free(parser) } }

    /// - Parameter isLast: nothing follows.
    /// - Returns: nil, or what is wrong with the document.
    func read(_ bytes: UnsafeRawBufferPointer, isLast: Bool = false) -> String? {
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard let reason = cexpat_parse(parser, start, Int32(bytes.count), isLast ? 1 : 0) else { return nil }
        return "it is no XML that can be read: \(String(cString: reason))"
    }

    func end() -> String? { read(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true) }

    fileprivate func open(_ name: UnsafePointer<CChar>?) {
        guard let name, starts.count < XMLReader.deepest else { return stop("it is nested too deeply") }
        starts.append(texts.count)
        if let reason = handler.start(XMLName(name)) { stop(reason) }
    }

    fileprivate func close(_ name: UnsafePointer<CChar>?) {
        guard let name, let start = starts.popLast() else { return }
        texts.withUnsafeBytes { bytes in
            let text = bytes[start...].trimming { $0 == 0x20 || (9...13).contains($0) }
            handler.end(XMLName(name), text: UnsafeRawBufferPointer(rebasing: text))
        }
        texts.removeLast(texts.count - start)
    }

    fileprivate func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = starts.last else { return }
        if texts.count - start + bytes.count > XMLReader.longest { return stop("a text in it is too long") }
        texts.append(contentsOf: bytes)
    }

    private func stop(_ reason: StaticString) {
        // the bytes of a StaticString live for ever
        reason.utf8Start.withMemoryRebound(to: CChar.self, capacity: reason.utf8CodeUnitCount + 1) {
            cexpat_stop(parser, $0)
        }
    }
}

// The context is the reader, which lives while it reads.

private func reader(_ context: UnsafeMutableRawPointer?) -> XMLReader {
    Unmanaged<XMLReader>.fromOpaque(context!).takeUnretainedValue()
}

private let begin: cexpat_start = { context, name, _ in reader(context).open(name) }
private let finish: cexpat_end = { context, name in reader(context).close(name) }
private let append: cexpat_text = { context, bytes, count in
    reader(context).add(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
}
