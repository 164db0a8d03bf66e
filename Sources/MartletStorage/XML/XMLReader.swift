import CExpat
import MartletPorts

/// Gets the parts of an XML document while it is read. Names are `namespace` line feed `name`, or the name alone.
protocol XMLHandler: AnyObject {
    /// - Returns: nil, or why the rest is not wanted.
    func start(_ name: String) -> StaticString?
    /// - Parameter text: of the element itself, without that of elements in it, and without white space around it.
    func end(_ name: String, text: String)
}

/// Reads an XML document piece by piece, with libexpat. Nothing can be declared in it, so nothing is expanded; its
/// depth, and the length of one text, are bounded. Attributes are passed over.
final class XMLReader {
    private static let deepest = 64
    private static let longest = 1 << 16

    private var parser: OpaquePointer?
    private unowned let handler: any XMLHandler
    /// Of the elements that are open.
    private var texts: [[UInt8]] = []

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
        guard let name, texts.count < XMLReader.deepest else { return stop("it is nested too deeply") }
        texts.append([])
        if let reason = handler.start(String(cString: name)) { stop(reason) }
    }

    fileprivate func close(_ name: UnsafePointer<CChar>?) {
        guard let name, let text = texts.popLast() else { return }
        let trimmed = text.trimming { $0 == 0x20 || (9...13).contains($0) }
        handler.end(String(cString: name), text: String(decoding: trimmed, as: UTF8.self))
    }

    fileprivate func add(_ bytes: UnsafeRawBufferPointer) {
        guard !texts.isEmpty else { return }
        if texts[texts.count - 1].count + bytes.count > XMLReader.longest { return stop("a text in it is too long") }
        texts[texts.count - 1].append(contentsOf: bytes)
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
