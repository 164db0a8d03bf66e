import MartletModel
import MartletPorts

/// The settings of one store, by name, as they came from the configuration.
struct StoreOptions: Sendable {
    private let values: JSON

    init(_ values: JSON = .object([])) { self.values = values }

    func text(_ name: String) throws(StorageError) -> String? {
        guard let value = present(name) else { return nil }
        guard let text = value.string else { throw wrong(name, "a text") }
        return text
    }

    func flag(_ name: String) throws(StorageError) -> Bool? {
        guard let value = present(name) else { return nil }
        guard let flag = value.bool else { throw wrong(name, "true or false") }
        return flag
    }

    func number(_ name: String, _ range: ClosedRange<Double>) throws(StorageError) -> Double? {
        guard let value = present(name) else { return nil }
        guard let number = value.double, range.contains(number) else {
            throw wrong(name, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Whether it is there and false: what is off on purpose.
    func isOff(_ name: String) -> Bool { values[name]?.bool == false }

    private func present(_ name: String) -> JSON? {
        guard let value = values[name], value != .null else { return nil }
        return value
    }

    // the value itself may be a secret
    private func wrong(_ name: String, _ wanted: String) -> StorageError {
        StorageError(.unsupported, "the store's setting \(name) is not \(wanted)")
    }
}
