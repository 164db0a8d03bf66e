import Glibc
import MartletAssembly
import MartletModel
import MartletPorts
import MartletStorage
import MartletSystem
import MartletTesting

/// `contract`: plays what every store must do (`storageContract`) on a directory of a store, through a courier as a run
/// reaches it. On standard input a JSON object (it may hold secrets, and so is no argument):
///
///     {"url": an existing directory, "settings": [what `[stores.NAME]` says], "shape": "tree" | "caseless" | "objects",
///      "commands": {"swift": […], "python": […]}, "patience": seconds}
///
/// `commands` is what `martlet.storage.launching.commands()` gives. Prints one finding a line; the exit code is 0 when
/// there is none, 1 when there are some, 2 when the contract could not be played.

func refuse(_ why: String) -> Never {
    print("contract: \(why)")
    exit(2)
}

func input() -> JSON {
    do {
        return try JSON.parse(try File.read("/dev/stdin"))
    } catch {
        refuse("standard input: \(error)")
    }
}

let request = input()
guard let url = request["url"]?.string else { refuse("there is no url") }
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
    for finding in found.all { print(finding) }
    CourierPool.shared.endIdle()
    exit(found.isEmpty ? 0 : 1)
} catch {
    refuse("no local directory could be made: error \(error.code)")
}
