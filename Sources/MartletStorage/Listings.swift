import MartletModel
import MartletPorts
import MartletSystem

/// Says of many local paths whether they are there: from one listing of a directory where that is cheaper than asking
/// for each path, else by stat(2).
///
/// A listing is kept and used again as long as the directory's modification time proves that it still holds. Not safe
/// for use by two threads at once.
final class Listings {
    /// Fewer paths in a directory are asked for one by one.
    private static let worthwhile = 64
    /// An entry of a listing costs about a quarter of a stat(2): that many entries a path may be read.
    private static let entriesForAPath = 4

    private struct Known {
        /// How many of its paths were asked for so far.
        var asked = 0
        /// The same since it was last changed: what changes all the time is worth a listing only for those.
        var askedAsItIs = 0
        /// When it had been changed when it was last looked at.
        var modified: Int64?
        /// It was too large; how many must have been asked for until another try.
        var nextTry = 0
        var names: DirectoryNames?
    }
    private var known: [String: Known] = [:]

    private struct Group {
        var directory: String
        var members: [Int] = []
    }

    func look(_ paths: [String]) -> [Existence] {
        if paths.count < Listings.worthwhile { return paths.map(Listings.ask) }
        var answers = [Existence](repeating: .absent, count: paths.count)
        var toAsk: [Int] = []
        for group in Listings.grouped(paths) {
            switch listing(of: group.directory, for: group.members.count) {
            case .nothingThere: break
            case .unknown: toAsk += group.members
            case .names(let names):
                for i in group.members {
                    switch Listings.withName(of: paths[i], names.look) {
                    case .there: answers[i] = .there
                    case .absent: break
                    case .ask, nil: toAsk.append(i)
                    }
                }
            }
        }
        for (i, status) in zip(toAsk, StatMany.status(of: toAsk.map { paths[$0] })) {
            answers[i] = Existence(status.mapError(StorageError.init).map(FileStatus.init))
        }
        return answers
    }

    private static func ask(_ path: String) -> Existence {
        do throws(SystemError) {
            _ = try StatMany.status(of: path)
            return .there
        } catch {
            return Existence(.failure(StorageError(error)))
        }
    }

    // MARK: one directory

    private enum Listing {
        case names(DirectoryNames)
        /// The directory is not there, nor anything in it.
        case nothingThere
        case unknown
    }

    private func listing(of directory: String, for count: Int) -> Listing {
        guard count >= Listings.worthwhile else { return .unknown }
        var state = known[directory] ?? Known()
        defer { known[directory] = state }
        let modified = Directory.modified(directory)
        state.asked += count
        state.askedAsItIs = count + (modified == state.modified ? state.askedAsItIs : 0)
        state.modified = modified
        if let names = state.names, names.isSettled, modified == names.modified { return .names(names) }
        state.names = nil
        guard state.asked >= state.nextTry, Directory.isSearchable(directory), FileSystemKind.namesAreBytes(in: directory)
        else { return Directory.isAbsent(directory) ? .nothingThere : .unknown }
        do throws(SystemError) {
            guard let names = try DirectoryNames(directory, most: Listings.entriesForAPath * state.askedAsItIs) else {
                state.nextTry = 2 * state.asked
                return .unknown
            }
            if names.isSettled { state.names = names } else { state.askedAsItIs = 0 }
            return .names(names)
        } catch {
            return .unknown
        }
    }

    // MARK: paths

    /// Paths by their directory, in the order in which the directories first come.
    private static func grouped(_ paths: [String]) -> [Group] {
        var groups: [Group] = []
        var places: [String: Int] = [:]
        var last = -1
        for (i, path) in paths.enumerated() {
            let length = lengthOfDirectory(path)
            if last < 0 || !isPrefix(groups[last].directory, path, length) {
                let directory = String(decoding: path.utf8.prefix(length), as: UTF8.self)
                last = places[directory] ?? groups.count
                if last == groups.count {
                    places[directory] = last
                    groups.append(Group(directory: directory))
                }
            }
            groups[last].members.append(i)
        }
        for g in groups.indices where groups[g].directory.isEmpty { groups[g].directory = "." }
        return groups
    }

    /// Bytes up to the last slash, with it; 0 without one.
    private static func lengthOfDirectory(_ path: String) -> Int {
        var path = path
        return path.withUTF8 { $0.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0 }
    }

    private static func isPrefix(_ directory: String, _ path: String, _ length: Int) -> Bool {
        guard directory.utf8.count == length else { return false }
        var directory = directory, path = path
        return directory.withUTF8 { head in path.withUTF8 { head.elementsEqual($0.prefix(length)) } }
    }

    /// Calls `body` with the last name of a path; nil where that is none that a listing has.
    private static func withName<R>(of path: String, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        var path = path
        return path.withUTF8 { bytes in
            let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
            let name = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start...]))
            if name.isEmpty || name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { return nil }
            return body(name)
        }
    }
}
