import MartletPorts

/// The elements of a small document, each when it ends, without their namespaces.
struct XMLElements {
    struct Element {
        /// The names of the elements around it and its own, joined by slashes.
        var path: String
        var text: String
    }
    let all: [Element]

    /// - Throws: `.transient` for what is no XML.
    init(_ bytes: [UInt8]) throws(StorageError) {
        let collector = Collector()
        let reader = try XMLReader(collector)
        let problem = bytes.withUnsafeBytes { reader.read($0, isLast: true) }
        if let problem { throw StorageError(.transient, "the server's answer cannot be used: \(problem)") }
        all = collector.all
    }

    /// The text of the first element at the path.
    subscript(path: String) -> String? { all.first { $0.path == path }?.text }

    private final class Collector: XMLHandler {
        private(set) var all: [Element] = []
        private var path = ""

        func start(_ name: XMLName) -> StaticString? {
            path += (path.isEmpty ? "" : "/") + name.local
            return nil
        }

        func end(_ name: XMLName, text: UnsafeRawBufferPointer) {
            all.append(Element(path: path, text: String(decoding: text, as: UTF8.self)))
            path.removeLast(min(path.count, name.local.count + 1))
        }
    }
}
