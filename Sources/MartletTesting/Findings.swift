/// What a contract found wrong, in sentences. Contracts return it rather than fail a test by themselves, so that any
/// test runner can use them: `#expect(storageContract(…).isEmpty)`.
public struct Findings: CustomStringConvertible, Sendable {
    public private(set) var all: [String] = []

    public var isEmpty: Bool { all.isEmpty }
    public var description: String { all.joined(separator: "; ") }

    mutating func expect(_ condition: Bool, _ sentence: @autoclosure () -> String) {
        if !condition { all.append(sentence()) }
    }

    /// The value of a success; a failure is a finding.
    mutating func value<T, E>(_ result: Result<T, E>, _ call: String) -> T? {
        switch result {
        case .success(let value): return value
        case .failure(let error):
            all.append("\(call) failed: \(error)")
            return nil
        }
    }
}
