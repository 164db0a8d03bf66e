import MartletModel
import MartletPorts

/// The servers of one store: its settings, connections, credentials, and what was found out about the servers.
///
/// Its operations are in extensions, one noun a file. Not safe for use by two threads at once.
final class DAVServer {
    let client: HTTPClient
    let credentials: StoreCredentials
    /// Which digests are compared.
    let checksums: ChecksumChoice
    private var abilities = DAVAbilities()
    var listings = DAVListings()

    init(_ options: StoreOptions) throws(StorageError) {
        client = HTTPClient(try ConnectionSettings(options))
        credentials = try StoreCredentials(options)
        checksums = try ChecksumChoice(options)
    }

    func perform(
        _ requests: [HTTPRequest], progress: ((HTTPProgress) -> Void)? = nil
    ) -> [Result<HTTPResponse, StorageError>] {
        client.perform(requests, authorizing: credentials, progress: progress)
    }

    /// - Parameter ability: the name of a method, or of what is used of one.
    func lacks(_ ability: String, _ url: HTTPURL) -> Bool { abilities.lacks(ability, url) }

    func note(lacking ability: String, _ url: HTTPURL) { abilities.note(lackingEverywhere: ability, url) }

    private static let notAllowed = 405
    private static let unknown = 501
    /// Statuses with which a server says that it does not know a method, at least not there.
    static let unknownMethod: Set<Int> = [notAllowed, unknown]

    /// Remembers whether the server knows a method there.
    /// - Returns: whether it said that it does not.
    func notes(_ response: HTTPResponse, _ method: String, _ url: HTTPURL) -> Bool {
        switch response.status {
        case DAVServer.notAllowed: abilities.note(refused: method, url)
        case DAVServer.unknown: abilities.note(lackingEverywhere: method, url)
        default:
            if response.isSuccess { abilities.note(able: method, url) }
            return false
        }
        return true
    }
}

extension Result {
    /// Both ways, without a closure that could not throw one kind of error alone.
    func then<T>(_ next: (Success) -> Result<T, Failure>) -> Result<T, Failure> {
        switch self {
        case .success(let value): next(value)
        case .failure(let error): .failure(error)
        }
    }
}
