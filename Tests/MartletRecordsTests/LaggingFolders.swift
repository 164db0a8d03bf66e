import Glibc
import MartletSystem
import MartletTesting

/// A folder as several machines see it: each has a copy of its own, into which the others' writes come late, each after
/// a time of its own, never later than `lag`. Time is whatever the test says.
final class LaggingFolders {
    let views: [String]
    let lag: UInt64
    private let scratch: ScratchDirectory
    private var random: SeededRandom
    private var arrivals: [(due: UInt64, view: Int, name: String, bytes: [UInt8]?, replaces: Bool)] = []
    /// What was taken from each view so far, by file.
    private var sent: [[String: [UInt8]]]

    init(_ count: Int, lag: UInt64, seed: UInt64) throws {
        scratch = try ScratchDirectory("lagging")
        self.lag = lag
        random = SeededRandom(seed: seed)
        var views: [String] = []
        for i in 0..<count {
            views.append("\(scratch.path)/\(i)")
            try Directory.make(views[i])
        }
        self.views = views
        sent = Array(repeating: [:], count: count)
    }

    /// Takes up what was written through a view, and lets arrive what is due.
    func pass(_ now: UInt64) throws {
        for view in views.indices { try collect(view, now) }
        arrivals.sort { $0.due < $1.due }
        while let first = arrivals.first, first.due <= now {
            arrivals.removeFirst()
            try arrive(first)
        }
    }

    /// A heartbeat: the whole content changes.
    func beat(_ view: Int, _ claims: String, _ count: Int, _ now: UInt64) throws {
        let name = String(claims.dropLast(".claims".count)) + ".beat"
        try put(view, name, Array("\(count)".utf8))
        send(view, name, Array("\(count)".utf8), replaces: true, now)
    }

    private func collect(_ view: Int, _ now: UInt64) throws {
        let names = try Directory.list(views[view]).map(\.name)
        for name in names where !name.hasSuffix(".beat") {
            let bytes = try File.read("\(views[view])/\(name)")
            let before = sent[view][name] ?? []
            guard bytes.count > before.count else { continue }
            sent[view][name] = bytes
            send(view, name, Array(bytes[before.count...]), replaces: false, now)
        }
        for name in sent[view].keys where !names.contains(name) {
            sent[view][name] = nil
            send(view, name, nil, replaces: true, now)
        }
    }

    private func send(_ view: Int, _ name: String, _ bytes: [UInt8]?, replaces: Bool, _ now: UInt64) {
        for other in views.indices where other != view {
            // writes to one file arrive in order
            let last = arrivals.filter { $0.view == other && $0.name == name }.map(\.due).max() ?? 0
            arrivals.append((max(last, now + UInt64.random(in: 0..<lag, using: &random)), other, name, bytes, replaces))
        }
    }

    private func arrive(_ arrival: (due: UInt64, view: Int, name: String, bytes: [UInt8]?, replaces: Bool)) throws {
        let path = "\(views[arrival.view])/\(arrival.name)"
        guard let bytes = arrival.bytes else {
            unlink(path)
            sent[arrival.view][arrival.name] = nil
            return
        }
        if arrival.replaces { return try put(arrival.view, arrival.name, bytes) }
        try File.writeAll(try File.openAppending(path), bytes)
        sent[arrival.view][arrival.name, default: []] += bytes
    }

    private func put(_ view: Int, _ name: String, _ bytes: [UInt8]) throws {
        let path = "\(views[view])/\(name)"
        unlink(path)
        try File.writeAll(try File.openNew(path), bytes)
    }
}
