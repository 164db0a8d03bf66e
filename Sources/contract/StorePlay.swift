import Glibc
import MartletAssembly
import MartletModel
import MartletPorts
import MartletStorage
import MartletSystem
import MartletTesting

/// Plays `storageContract` on a directory of a store, through a courier as a run reaches it:
///
///     {"url": an existing directory, "settings": [what `[stores.NAME]` says], "shape": "tree" | "caseless" | "objects",
///      "commands": {"swift": […], "python": […]}, "patience": seconds}
///
/// `commands` is what `martlet.storage.launching.commands()` gives.
func playStore(_ request: JSON, url: String) -> Findings {
    guard let shape = StoreShape(rawValue: request["shape"]?.string ?? "tree") else { refuse("the shape is tree, caseless or objects") }
    var commands: [String: [String]] = [:]
    for member in request["commands"]?.members ?? [] { commands[member.name] = member.value.array?.compactMap(\.string) }
    CourierPool.shared.launch(by: commands, patience: request["patience"]?.double)
    CourierPool.shared.settings(request["settings"] ?? .array([]))

    let root = TargetRef(url).child("contract-\(Host.randomToken())")
    guard let store = Assembly.stores().backend(of: root) else { refuse("no store is known for \(root)") }
    if case .failure(let error) = store.mkdir(root) { refuse("\(root) cannot be made: \(error.kind.rawValue): \(error.message)") }
    do {
        let found = storageContract(store, root: root, shape: shape, scratch: try ScratchDirectory("contract"))
        CourierPool.shared.endIdle()
        return found
    } catch {
        refuse("no local directory could be made: error \(error.code)")
    }
}
