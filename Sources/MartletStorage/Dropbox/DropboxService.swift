import Glibc
import MartletModel
import MartletPorts
import MartletSystem

/// One user's Dropbox: sends calls there, many at once.
final class DropboxService {
    private let api: HTTPURL
    private let content: HTTPURL
    private let client: HTTPClient
    private let token: DropboxToken
    private var random = SystemRandomNumberGenerator()

    /// - Parameter options: `endpoint`, one URL in place of Dropbox's own; those of `DropboxToken` and `ConnectionSettings`.
    init(_ options: StoreOptions, _ environment: @escaping (String) -> String?) throws(StorageError) {
        let endpoint = try options.text("endpoint")
        guard let api = HTTPURL(endpoint ?? "https://api.dropboxapi.com"),
            let content = HTTPURL(endpoint ?? "https://content.dropboxapi.com")
        else { throw StorageError(.unsupported, "the store's setting endpoint is no URL of http or https") }
        self.api = api
        self.content = content
        client = HTTPClient(try ConnectionSettings(options))
        token = try DropboxToken(options, api: api, client: client, environment)
    }

    /// One answer per call, in order; a refusal is an answer too. Calls that met too many others that write are repeated.
    func answers(
        _ calls: [DropboxCall], progress: ((HTTPProgress) -> Void)? = nil
    ) -> [Result<DropboxAnswer, StorageError>] {
        let requests = calls.map { $0.request(api: api, content: content) }
        var answers = client.perform(requests, authorizing: token, progress: progress).map { $0.map(DropboxAnswer.init) }
        repeatCrowded({ answers.indices.filter { DropboxService.isCrowded(answers[$0]) } }) { crowded in
            let again = client.perform(crowded.map { requests[$0] }, authorizing: token)
            for (i, answer) in zip(crowded, again) { answers[i] = answer.map(DropboxAnswer.init) }
        }
        return answers
    }

    /// The same, refusals as errors.
    func perform(
        _ calls: [DropboxCall], progress: ((HTTPProgress) -> Void)? = nil
    ) -> [Result<DropboxAnswer, StorageError>] {
        zip(calls, answers(calls, progress: progress)).map { call, answer in
            answer.flatMap { answer in
                answer.response.isSuccess
                    ? .success(answer) : .failure(DropboxAnswer.error(redacted(answer.summary), answer.response.status, call.name))
            }
        }
    }

    private static func isCrowded(_ answer: Result<DropboxAnswer, StorageError>) -> Bool {
        if case .success(let answer) = answer { isCrowded(answer.summary) } else { false }
    }

    static func isCrowded(_ summary: String) -> Bool { summary.split(separator: "/").contains("too_many_write_operations") }

    /// Dropbox changes one thing at a time of what is one user's, and refuses what would have to wait for long.
    /// - Parameters:
    ///   - crowded: which were refused so.
    ///   - again: tries these again. Called after a pause, as often as requests are tried.
    func repeatCrowded(_ crowded: () -> [Int], _ again: ([Int]) -> Void) {
        var tries = 1
        while true {
            let left = crowded()
            guard !left.isEmpty, let pause = client.settings.retries.pause(after: tries, asked: nil, &random) else { return }
            _ = poll(nil, 0, Int32(pause * 1000))
            again(left)
            tries += 1
        }
    }

    private func redacted(_ text: String) -> String {
        var request = HTTPRequest("POST", api)
        request.secrets = token.secrets
        return HTTPWording.redacted(text, request)
    }
}
