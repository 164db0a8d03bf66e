import MartletModel
import MartletPorts

/// Every store that a run can look at, by URL scheme.
public struct Stores {
    private let byScheme: [String: any StorageBackend]

    public init(_ backends: [any StorageBackend]) {
        var byScheme: [String: any StorageBackend] = [:]
        for backend in backends { for scheme in type(of: backend).schemes { byScheme[scheme] = backend } }
        self.byScheme = byScheme
    }

    /// Looks at all targets with one call a store. One answer per target, in order.
    public func look(_ targets: [TargetRef]) -> [Existence] {
        let schemes = targets.map(\.scheme)
        if let first = schemes.first, let store = byScheme[first], !schemes.contains(where: { $0 != first }) {
            return store.look(targets)
        }
        var answers = targets.map { Existence.unknown(StorageError(.unsupported, "no store is known for \($0)")) }
        for (scheme, places) in Dictionary(grouping: targets.indices, by: { schemes[$0] }) {
            guard let store = byScheme[scheme] else { continue }
            for (place, answer) in zip(places, store.look(places.map { targets[$0] })) { answers[place] = answer }
        }
        return answers
    }
}
