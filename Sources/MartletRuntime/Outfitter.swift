import MartletEngine
import MartletModel

/// How the devices of a kind are told to a program.
public struct DeviceNaming: Equatable, Sendable {
    /// Holds the names of the devices that a program may see, joined by commas.
    public var variable: String
    /// By number.
    public var names: [String]
    /// The variable's value for a program that may see none.
    public var nothing: String
    /// Further variables that the names need to be understood.
    public var alongside: [String: String]

    /// `{"variable": name, "names": [name, …], "nothing": value, "alongside": {variable: value}}`
    init(_ json: JSON) {
        variable = json["variable"]?.string ?? ""
        names = json["names"]?.array?.compactMap(\.string) ?? []
        nothing = json["nothing"]?.string ?? ""
        alongside = [:]
        for member in json["alongside"]?.members ?? [] { alongside[member.name] = member.value.string }
    }
}

/// Says in environment variables what a task may use.
struct Outfitter {
    /// What numerical libraries ask for how many threads to use, when they are loaded. Left out: NUMBA_NUM_THREADS,
    /// which must not change once Numba has started.
    static let threadVariables = [
        "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS",
        "POLARS_MAX_THREADS", "RAYON_NUM_THREADS",
    ]
    /// By the name of the resource.
    var devices: [String: DeviceNaming]

    func variables(for equipment: Equipment) -> [String: String] {
        var variables: [String: String] = [:]
        if equipment.threads > 0 {
            for name in Outfitter.threadVariables { variables[name] = String(equipment.threads) }
        }
        for (kind, naming) in devices where !naming.variable.isEmpty {
            if let numbers = equipment.devices[kind] {
                variables[naming.variable] = numbers.map { naming.names[$0] }.joined(separator: ",")
                variables.merge(naming.alongside) { _, new in new }
            } else if equipment.hidesOthers {
                variables[naming.variable] = naming.nothing
            }
        }
        return variables
    }

    /// `{"threads": count, "environment": {variable: value}}`, for `martlet.running.equipment`.
    func json(for equipment: Equipment) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("threads")
        writer.integer(equipment.threads)
        writer.name("environment")
        writer.beginObject()
        for (name, value) in variables(for: equipment).sorted(by: { $0.key < $1.key }) {
            writer.name(name)
            writer.string(value)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}
