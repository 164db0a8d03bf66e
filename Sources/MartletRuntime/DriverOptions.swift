import MartletEngine
import MartletModel

/// What the Python side asks of a run, as JSON:
///
///     {"slots": tasks at a time, "fail_fast": bool, "limits": {resource: amount}, "here": bool}
///
/// `here`: tasks run in the process that called, one at a time.
public struct DriverOptions: Sendable {
    public var settings: Settings
    public var here: Bool

    public init(json text: String) throws(JSONError) {
        let json = try JSON.parse(text)
        var limits: [String: Double] = [:]
        for member in json["limits"]?.members ?? [] { limits[member.name] = member.value.double }
        settings = Settings(
            slots: max(1, Int(json["slots"]?.integer ?? 1)), failFast: json["fail_fast"]?.bool ?? false, limits: limits)
        here = json["here"]?.bool ?? true
    }
}
