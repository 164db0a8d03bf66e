/// What servers are known not to be able to do: those of plain HTTP know none of WebDAV's methods.
///
/// A method that a server does not know (501) it knows nowhere. One that it does not allow (405) may be allowed in
/// another collection: that counts for the collection alone, until a second one beside it says the same, and then for all
/// that is below both, unless something there was able to do it.
struct DAVAbilities {
    private struct Key: Hashable {
        var origin: HTTPURL.Origin
        var ability: String
    }

    private struct Known {
        var isLackingEverywhere = false
        /// Paths without a slash at their ends; the root is empty.
        var refusing: Set<String> = []
        /// Those below which all refuse.
        var refusingTrees: Set<String> = []
        var able: Set<String> = []
    }

    private var known: [Key: Known] = [:]

    /// - Parameter ability: the name of a method, or of what is used of one.
    func lacks(_ ability: String, _ url: HTTPURL) -> Bool {
        guard let known = known[Key(origin: url.origin, ability: ability)] else { return false }
        if known.isLackingEverywhere { return true }
        let collection = DAVAbilities.collection(url)
        if known.able.contains(collection) { return false }
        return known.refusing.contains(collection)
            || known.refusingTrees.contains { DAVAbilities.contains($0, collection) }
    }

    mutating func note(lackingEverywhere ability: String, _ url: HTTPURL) {
        known[Key(origin: url.origin, ability: ability), default: Known()].isLackingEverywhere = true
    }

    mutating func note(refused ability: String, _ url: HTTPURL) {
        let collection = DAVAbilities.collection(url)
        var state = known[Key(origin: url.origin, ability: ability)] ?? Known()
        defer { known[Key(origin: url.origin, ability: ability)] = state }
        for other in state.refusing where other != collection {
            let above = DAVAbilities.common(other, collection)
            if !state.able.contains(where: { DAVAbilities.contains(above, $0) }) { state.refusingTrees.insert(above) }
        }
        state.able.remove(collection)
        state.refusing.insert(collection)
    }

    /// It did it there.
    mutating func note(able ability: String, _ url: HTTPURL) {
        let collection = DAVAbilities.collection(url)
        var state = known.removeValue(forKey: Key(origin: url.origin, ability: ability)) ?? Known()
        defer { known[Key(origin: url.origin, ability: ability)] = state }
        guard state.able.insert(collection).inserted else { return }
        state.isLackingEverywhere = false
        state.refusing.remove(collection)
        state.refusingTrees = state.refusingTrees.filter { !DAVAbilities.contains($0, collection) }
    }

    /// What a URL lies in; of one that ends with a slash that is itself.
    private static func collection(_ url: HTTPURL) -> String {
        String(url.path[..<(url.path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? url.path.startIndex)])
    }

    private static func contains(_ tree: String, _ collection: String) -> Bool {
        collection.utf8.starts(with: tree.utf8)
            && (collection.utf8.count == tree.utf8.count || collection.utf8.dropFirst(tree.utf8.count).first == UInt8(ascii: "/"))
    }

    /// The collection deepest down that both lie in.
    private static func common(_ one: String, _ other: String) -> String {
        let pairs = zip(one.split(separator: "/"), other.split(separator: "/"))
        return pairs.prefix { $0 == $1 }.map { "/" + $0.0 }.joined()
    }
}
