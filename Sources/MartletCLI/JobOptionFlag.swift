import MartletPorts

/// What `--job NAME=VALUE` says, as `martlet run` reads it (`martlet.running.job_options`): a test holds the two together.
struct JobOptionFlag {
    enum Misread: Error, Equatable {
        case notNamed
        case unknown(String)
        case malformed(name: String, expected: String)
        case severalQueues
    }

    static let names = ["cores", "memory", "disk", "walltime", "gpus", "queue", "extra"]

    /// Takes one over; what was said before of the same is replaced, but for lines of `extra`.
    static func take(_ text: String, into options: inout JobOptions) throws(Misread) {
        guard let equals = text.firstIndex(of: "=") else { throw .notNamed }
        let name = trimmed(text[..<equals]), value = trimmed(text[text.index(after: equals)...])
        switch name {
        case "cores": options.cores = try count(value, name)
        case "gpus": options.gpus = try count(value, name)
        case "memory": options.memory = try size(value, name)
        case "disk": options.disk = try size(value, name)
        case "walltime": options.walltime = try seconds(value, name)
        case "queue":
            let queues = value.split(separator: " ")
            guard let queue = queues.first else { throw .malformed(name: name, expected: "a name") }
            if queues.count > 1 { throw .severalQueues }
            options.queue = String(queue)
        case "extra":
            guard !value.isEmpty else { throw .malformed(name: name, expected: "a text") }
            options.extra.append(value)
        default: throw .unknown(name)
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    private static func count(_ text: String, _ name: String) throws(Misread) -> Int {
        guard let number = Int(text), number >= 1 else { throw .malformed(name: name, expected: "a whole number, at least 1") }
        return number
    }

    private static let units: [(name: String, bytes: Double)] = [
        ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12), ("kib", 1024), ("mib", 1_048_576), ("gib", 1_073_741_824),
        ("tib", 1_099_511_627_776),
    ]

    private static func size(_ text: String, _ name: String) throws(Misread) -> UInt64 {
        let unit = String(text.reversed().prefix { $0.isLetter }.reversed()).lowercased(), digits = text.dropLast(unit.count)
        guard let factor = units.first(where: { $0.name == unit })?.bytes, let number = Double(trimmed(digits)),
            number > 0, number < 1e9
        else { throw .malformed(name: name, expected: "a number with its unit: 500 MB, 4 GiB") }
        return UInt64(saturating: number * factor)
    }

    private static let times: [String: Double] = ["d": 86400, "h": 3600, "m": 60, "min": 60, "s": 1]

    /// A number of seconds, or amounts with units one after the other.
    private static func seconds(_ text: String, _ name: String) throws(Misread) -> Double {
        let misread = Misread.malformed(name: name, expected: "a length of time: 90min, 2h, 1h 30m, or seconds")
        var rest = text[...], sum = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { isDigit($0) || $0 == "." }
            rest = rest.dropFirst(number.count).drop { $0 == " " }
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count).drop { $0 == " " }
            let isPlain = unit.isEmpty && number.count == text.count
            guard isDigit(number.first ?? "."), isDigit(number.last ?? "."), let amount = Double(number),
                let factor = isPlain ? 1 : times[String(unit)]
            else { throw misread }
            sum += amount * factor
        }
        if sum <= 0 || !sum.isFinite { throw misread }
        return sum
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
}
