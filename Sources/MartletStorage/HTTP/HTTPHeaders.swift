/// Header lines of a request or an answer, in order. Names are the same in either case.
struct HTTPHeaders: Equatable, Sendable, ExpressibleByDictionaryLiteral {
    struct Line: Equatable, Sendable {
        var name: String
        var value: String
    }
    private(set) var lines: [Line] = []

    init() {}
    init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }

    /// The first value of that name. Setting it replaces all of them; nil removes them.
    subscript(name: String) -> String? {
        get { lines.first { HTTPHeaders.same($0.name, name) }?.value }
        set {
            lines.removeAll { HTTPHeaders.same($0.name, name) }
            if let newValue { add(name, newValue) }
        }
    }

    /// Every value of that name.
    func all(_ name: String) -> [String] { lines.filter { HTTPHeaders.same($0.name, name) }.map(\.value) }

    mutating func add(_ name: String, _ value: String) { lines.append(Line(name: name, value: value)) }

    /// Takes up a line as it came, without its end; what has no colon is passed over.
    mutating func add(line: UnsafeRawBufferPointer) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = String(decoding: line[..<colon], as: UTF8.self)
        let value = line[(colon + 1)...].trimming { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        add(name, String(decoding: value, as: UTF8.self))
    }

    /// No value may end its line and begin another.
    var isSendable: Bool {
        lines.allSatisfy { line in
            !line.name.isEmpty && !line.name.utf8.contains(UInt8(ascii: ":"))
                && (line.name + line.value).utf8.allSatisfy { $0 != 10 && $0 != 13 && $0 != 0 }
        }
    }

    private static func same(_ a: String, _ b: String) -> Bool {
        a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
}

extension BidirectionalCollection {
    func trimming(_ isSpace: (Element) -> Bool) -> SubSequence {
        var rest = self[...]
        while let first = rest.first, isSpace(first) { rest = rest.dropFirst() }
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return rest
    }
}
