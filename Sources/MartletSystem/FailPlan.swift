import Glibc
import Synchronization

/// Which fail points do what in this process, as the environment says:
///
///     MARTLET_FAIL="reports.append:3=enospc;driver.before-report:2=kill;target.name:1+=skip"
///
/// The third time that reports are appended, there is no space; the second time … the process gets SIGKILL; from the
/// first on … With `MARTLET_FAIL_STATE=DIR` each of these happens once in all processes together (not those with `+`),
/// `DIR/reached` tells which points were passed, and `DIR/synced` how much of which file was forced to disk.
///
/// Safe for use by several threads.
public final class FailPlan: Sendable {
    /// nil unless the environment asks for one.
    public static let current: FailPlan? = fromEnvironment()

    struct Rule: Equatable, Sendable {
        var point: FailPoint
        /// The passage at which it happens, from 1.
        var passage: Int
        /// At each later one too.
        var goesOn: Bool
        var what: What
    }

    enum What: Equatable, Sendable {
        case kill
        case exit
        case delay(milliseconds: Int)
        case fault(Fault)
    }

    /// A text that is no plan.
    struct Unreadable: Error, Equatable { var why: String }

    private let rules: [Rule]
    private let directory: String?
    private let passages = Mutex<[FailPoint: Int]>([:])

    init(_ rules: [Rule], directory: String?) {
        self.rules = rules
        self.directory = directory
    }

    private static func fromEnvironment() -> FailPlan? {
        let text = Environment.get("MARTLET_FAIL"), directory = Environment.get("MARTLET_FAIL_STATE")
        guard text != nil || directory != nil else { return nil }
        do throws(Unreadable) {
            return FailPlan(try parse(text ?? ""), directory: directory)
        } catch {
            // a test that means to inject a fault and does not would pass for the wrong reason
            write("MARTLET_FAIL: \(error.why)\n", to: 2)
            _exit(70)
        }
    }

    static func parse(_ text: String) throws(Unreadable) -> [Rule] {
        var rules: [Rule] = []
        for part in text.split(separator: ";") {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2 else { throw Unreadable(why: "\"\(part)\" is not point[:passage[+]]=what") }
            let place = sides[0].split(separator: ":", omittingEmptySubsequences: false)
            guard let point = FailPoint(rawValue: String(place[0])) else {
                throw Unreadable(why: "there is no fail point \"\(place[0])\"")
            }
            var number = place.count > 1 ? place[1] : "1"
            let goesOn = number.hasSuffix("+")
            if goesOn { number = number.dropLast() }
            guard place.count <= 2, let passage = Int(number), passage > 0 else {
                throw Unreadable(why: "\"\(sides[0])\" names no passage")
            }
            let what = try self.what(String(sides[1]), at: point)
            rules.append(Rule(point: point, passage: passage, goesOn: goesOn, what: what))
        }
        return rules
    }

    private static func what(_ text: String, at point: FailPoint) throws(Unreadable) -> What {
        let words = text.split(separator: "-"), amount = words.count == 2 ? Int(words[1]) : nil
        let what: What, effect: Fault.Effect?
        switch (words.first ?? "", amount) {
        case ("kill", nil): (what, effect) = (.kill, nil)
        case ("exit", nil): (what, effect) = (.exit, nil)
        case ("delay", let ms?): (what, effect) = (.delay(milliseconds: ms), nil)
        case ("skip", nil): (what, effect) = (.fault(.skip), .skip)
        case ("short", let bytes?): (what, effect) = (.fault(.short(bytes)), .short)
        case ("torn", let bytes?): (what, effect) = (.fault(.torn(bytes)), .torn)
        default:
            guard let code = errors[text] else { throw Unreadable(why: "\"\(text)\" is nothing that can happen") }
            (what, effect) = (.fault(.error(code)), .error)
        }
        if let effect, !point.effects.contains(effect) {
            throw Unreadable(why: "\"\(text)\" cannot happen at \(point.rawValue)")
        }
        return what
    }

    private static let errors: [String: Int32] = [
        "enospc": ENOSPC, "edquot": EDQUOT, "eio": EIO, "erofs": EROFS, "eacces": EACCES, "eagain": EAGAIN,
        "emfile": EMFILE, "estale": ESTALE,
    ]

    func pass(_ point: FailPoint) -> Fault {
        let passage = passages.withLock { passages in
            passages[point, default: 0] += 1
            return passages[point]!
        }
        if passage == 1 { note("\(point.rawValue)\n", in: "reached") }
        for (number, rule) in rules.enumerated() where rule.point == point {
            guard passage == rule.passage || (rule.goesOn && passage > rule.passage) else { continue }
            guard claim(number) || rule.goesOn else { continue }
            switch rule.what {
            case .kill: FailPlan.die()
            case .exit: _exit(71)
            case .delay(let milliseconds): usleep(UInt32(clamping: milliseconds * 1000))
            case .fault(let fault): return fault
            }
        }
        return .none
    }

    /// Ends this process as `kill -9` does.
    public static func die() -> Never {
        kill(getpid(), SIGKILL)
        while true { pause() }
    }

    /// So much of an open file is on disk: what lies behind is lost when the power is.
    func synchronized(_ file: Descriptor) {
        var status = stat()
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard directory != nil, fstat(file.raw, &status) == 0,
            readlink("/proc/self/fd/\(file.raw)", &path, path.count - 1) > 0
        else { return }
        let name = path.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        note("\(status.st_size) \(name)\n", in: "synced")
    }

    /// Whether it is this process in which the rule's fault happens.
    private func claim(_ rule: Int) -> Bool {
        guard let directory else { return true }
        let fd = open("\(directory)/happened-\(rule)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if fd >= 0 { close(fd) }
        return fd >= 0
    }

    private func note(_ line: String, in name: String) {
        guard let directory else { return }
        let fd = open("\(directory)/\(name)", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
        guard fd >= 0 else { return }
        FailPlan.write(line, to: fd)
        close(fd)
    }

    private static func write(_ line: String, to fd: Int32) {
        var line = line
        _ = line.withUTF8 { Glibc.write(fd, $0.baseAddress, $0.count) }
    }
}
