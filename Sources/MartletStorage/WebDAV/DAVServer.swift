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
    /// What servers are known not to be able to do: those of plain HTTP know none of WebDAV's methods.
    private var lacking: Set<Lack> = []
    var listings = DAVListings()

    private struct Lack: Hashable {
        var origin: HTTPURL.Origin
        var ability: String
    }

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
    func lacks(_ ability: String, _ url: HTTPURL) -> Bool {
        lacking.contains(Lack(origin: url.origin, ability: ability))
    }

    func note(lacking ability: String, _ url: HTTPURL) { lacking.insert(Lack(origin: url.origin, ability: ability)) }

    /// Statuses with which a server says that it does not know a method.
    static let unknownMethod: Set<Int> = [405, 501]

    /// Remembers it, where that is what the server said.
    func notes(_ response: HTTPResponse, _ method: String, _ url: HTTPURL) -> Bool {
        guard DAVServer.unknownMethod.contains(response.status) else { return false }
        note(lacking: method, url)
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
