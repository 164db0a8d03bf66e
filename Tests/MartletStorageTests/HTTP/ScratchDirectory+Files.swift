import MartletSystem
import MartletTesting

extension ScratchDirectory {
    /// The content of a file in it; nil when there is none.
    func text(_ name: String) -> String? { (try? File.read("\(path)/\(name)")).map { String(decoding: $0, as: UTF8.self) } }

    func write(_ name: String, _ text: String) { try! File.replace("\(path)/\(name)", with: Array(text.utf8)) }
}
