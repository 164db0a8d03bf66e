import MartletModel
import MartletPorts

/// What a back end needs to reach a store, made once for all stores that are reached alike.
struct ServicesByOptions<Service: AnyObject> {
    private let settings: StoreSettings
    private let make: (StoreOptions) throws(StorageError) -> Service
    private var made: [String: Result<Service, StorageError>] = [:]

    init(_ settings: StoreSettings, _ make: @escaping (StoreOptions) throws(StorageError) -> Service) {
        self.settings = settings
        self.make = make
    }

    private mutating func service(of target: TargetRef) throws(StorageError) -> Service {
        let options = settings.options(for: target)
        let key = options.text
        if let known = made[key] { return try known.get() }
        let new = Result { () throws(StorageError) in try make(StoreOptions(options)) }
        made[key] = new
        return try new.get()
    }

    /// Splits a batch by the services that are to answer, and puts the answers in order.
    /// - Parameters:
    ///   - target: of an item.
    ///   - place: what a target is to the back end.
    mutating func each<Item, Place, Answer>(
        _ items: [Item], _ target: (Item) -> TargetRef, _ place: (TargetRef) throws(StorageError) -> Place,
        _ ask: (Service, [(item: Item, place: Place)]) -> [Result<Answer, StorageError>]
    ) -> [Result<Answer, StorageError>] {
        var answers = [Result<Answer, StorageError>](
            repeating: .failure(StorageError(.transient, "there was no answer")), count: items.count)
        var shares: [ObjectIdentifier: (service: Service, indices: [Int], asked: [(item: Item, place: Place)])] = [:]
        for (i, item) in items.enumerated() {
            do throws(StorageError) {
                let place = try place(target(item))
                let service = try service(of: target(item))
                shares[ObjectIdentifier(service), default: (service, [], [])].indices.append(i)
                shares[ObjectIdentifier(service)]?.asked.append((item, place))
            } catch {
                answers[i] = .failure(error)
            }
        }
        for share in shares.values.sorted(by: { $0.indices[0] < $1.indices[0] }) {
            for (i, answer) in zip(share.indices, ask(share.service, share.asked)) { answers[i] = answer }
        }
        return answers
    }
}

extension Existence {
    /// Of a look that may itself have failed.
    init(looked: Result<Existence, StorageError>) {
        switch looked {
        case .success(let there): self = there
        case .failure(let error): self = .unknown(error)
        }
    }
}
