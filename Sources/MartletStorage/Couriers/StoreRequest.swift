import MartletModel
import MartletPorts

/// What is asked of stores, as it goes to a courier and as it comes from Python.
public struct StoreRequest: Sendable {
    public enum Operation: String, CaseIterable, Sendable {
        case stat, look, list, unfinished, read, put, commit, checksum, delete, mkdir, fetch, store

        /// Whether it may be asked once more when nobody knows whether it was done.
        var isRepeatable: Bool {
            switch self {
            // a second time, what was done the first time is told as absent
            case .commit, .delete: return false
            case .stat, .look, .list, .unfinished, .read, .put, .checksum, .mkdir, .fetch, .store: return true
            }
        }
    }

    public var operation: Operation
    public var targets: [TargetRef]
    var planning: PlanningID?
    var offset: UInt64 = 0
    var count = 0
    /// commit: what has the targets' contents.
    var temporaries: [TargetRef] = []
    /// fetch, store: of each target its local path; and where it is kept meanwhile, empty for a name of our own.
    var locals: [String] = []
    var partials: [String] = []
    /// put: the content. look: the targets, see `LookedFrame.joined`; the header has their number.
    var bytes: [UInt8] = []

    init(_ operation: Operation, _ targets: [TargetRef]) {
        self.operation = operation
        self.targets = targets
    }

    /// Why something is no request.
    public struct Malformed: Error {
        public let reason: String
    }

    public init(_ header: JSON, bytes: [UInt8]) throws(Malformed) {
        guard let name = header["op"]?.string, let operation = Operation(rawValue: name) else {
            throw Malformed(reason: "there is no operation \(header["op"]?.string ?? "without a name")")
        }
        self.init(operation, StoreRequest.texts(header["targets"]).map { TargetRef($0) })
        planning = header["planning"]?.integer.map { PlanningID(UInt64(bitPattern: $0)) }
        offset = UInt64(clamping: header["offset"]?.integer ?? 0)
        count = Int(clamping: header["count"]?.integer ?? 0)
        temporaries = StoreRequest.texts(header["temporaries"]).map { TargetRef($0) }
        locals = StoreRequest.texts(header["locals"])
        partials = StoreRequest.texts(header["partials"])
        self.bytes = bytes
        if operation == .look {
            guard let targets = LookedFrame.parted(bytes, count: count) else { throw Malformed(reason: "look: not so many targets") }
            self.targets = targets
        }
        if let reason = contradiction { throw Malformed(reason: "\(name): \(reason)") }
    }

    private var contradiction: String? {
        switch operation {
        case .read, .put: return targets.count == 1 && count >= 0 ? nil : "one target, and a count"
        case .commit: return temporaries.count == targets.count ? nil : "as many temporaries as targets"
        case .fetch, .store:
            let fits = locals.count == targets.count && (partials.isEmpty || partials.count == targets.count)
            return fits ? nil : "as many local paths as targets"
        case .stat, .look, .list, .unfinished, .checksum, .delete, .mkdir: return nil
        }
    }

    /// As it goes to a courier.
    var frame: CourierFrame {
        guard operation == .look else { return CourierFrame(header: header, bytes: bytes) }
        return CourierFrame(header: header, bytes: LookedFrame.joined(targets))
    }

    var header: JSON {
        var members = [JSONMember("op", .string(operation.rawValue))]
        if operation == .look {
            members.append(JSONMember("count", .integer(Int64(targets.count))))
        } else {
            members.append(JSONMember("targets", .array(targets.map { .string($0.location) })))
        }
        if let planning { members.append(JSONMember("planning", .integer(Int64(bitPattern: planning.raw)))) }
        if operation == .read {
            members.append(JSONMember("offset", .integer(Int64(clamping: offset))))
            members.append(JSONMember("count", .integer(Int64(count))))
        }
        if !temporaries.isEmpty {
            members.append(JSONMember("temporaries", .array(temporaries.map { .string($0.location) })))
        }
        for (name, texts) in [("locals", locals), ("partials", partials)] where !texts.isEmpty {
            members.append(JSONMember(name, .array(texts.map { .string($0) })))
        }
        return .object(members)
    }

    private static func texts(_ json: JSON?) -> [String] { (json?.array ?? []).compactMap(\.string) }
}

extension StoreRequest {
    /// Asks the stores. One answer per target, in order.
    public func answer(from stores: Stores, _ progress: @escaping (TransferProgress) -> Void) -> StoreAnswer {
        switch operation {
        case .stat: return StoreAnswer(stores.stat(targets).map(StoreAnswer.json))
        case .look: return StoreAnswer(stores.look(targets, while: planning))
        case .list: return StoreAnswer(stores.list(targets).map(StoreAnswer.json))
        case .unfinished: return StoreAnswer(stores.unfinished(targets).map(StoreAnswer.json))
        case .checksum: return StoreAnswer(stores.checksum(targets).map(StoreAnswer.json))
        case .delete: return StoreAnswer(stores.delete(targets).map(StoreAnswer.json))
        case .mkdir: return StoreAnswer(stores.mkdir(targets).map(StoreAnswer.json))
        case .commit:
            return StoreAnswer(stores.commit(zip(temporaries, targets).map { Move($0, to: $1) }).map(StoreAnswer.json))
        case .read:
            switch stores.read(targets[0], offset: offset, count: count) {
            case .success(let bytes): return StoreAnswer([StoreAnswer.json(.success(()))], bytes: bytes)
            case .failure(let error): return StoreAnswer([StoreAnswer.json(Result<Void, _>.failure(error))])
            }
        case .put: return StoreAnswer([StoreAnswer.json(stores.put(bytes, besides: targets[0]))])
        case .fetch: return StoreAnswer(stores.fetch(transfers, progress).map(StoreAnswer.json))
        case .store: return StoreAnswer(stores.store(transfers, progress).map(StoreAnswer.json))
        }
    }

    private var transfers: [Transfer] {
        targets.indices.map { i in
            guard i < partials.count, !partials[i].isEmpty else { return Transfer(targets[i], local: locals[i]) }
            return Transfer(targets[i], local: locals[i], partial: partials[i])
        }
    }
}
