import MartletModel
import MartletPorts
import MartletSystem

/// One endpoint of S3: sends calls there, many at once, signed, and reads what it says when it refuses.
final class S3Service {
    private let settings: S3Settings
    private let client: HTTPClient
    /// Bytes in a part of what is sent or fetched in several.
    let partSize: UInt64
    private let signature: S3Signature
    /// Where buckets lie, as far as it differs from the settings.
    private var regions: [String: String] = [:]

    init(
        _ options: StoreOptions, _ environment: @escaping (String) -> String?, smallestPart: UInt64
    ) throws(StorageError) {
        settings = try S3Settings(options, environment)
        client = HTTPClient(try ConnectionSettings(options))
        signature = S3Signature(settings.keys)
        partSize = UInt64(
            try options.number("part_size", Double(smallestPart)...Double(S3Limits.largestPart)) ?? Double(S3Limits.usualPart))
    }

    /// One answer per call, in order. Answers other than 2xx are errors, with the store's own words, except for those
    /// that are `wanted`.
    func perform(
        _ calls: [S3Call], wanted: Set<Int> = [], progress: ((HTTPProgress) -> Void)? = nil
    ) -> [Result<HTTPResponse, StorageError>] {
        var answers = send(calls, progress)
        // a bucket that lies in another region than was thought is asked for there, once
        let misled = answers.indices.filter { isMisled(answers[$0], calls[$0].place.bucket) }
        for (i, answer) in zip(misled, send(misled.map { calls[$0] }, nil)) { answers[i] = answer }
        return answers.map { answer in
            answer.flatMap { answer in
                let response = answer.response
                let isGood = response.isSuccess && !S3Failure.isHidden(response)
                if isGood || wanted.contains(response.status) { return .success(response) }
                var request = answer.request
                request.secrets = signature.secrets
                return .failure(answer.failure.error(response, asked: request, minutesOff: signature.minutesOff))
            }
        }
    }

    private struct Answer {
        var request: HTTPRequest
        var response: HTTPResponse
        var failure: S3Failure
    }

    private func send(_ calls: [S3Call], _ progress: ((HTTPProgress) -> Void)?) -> [Result<Answer, StorageError>] {
        var answers = [Result<Answer, StorageError>](
            repeating: .failure(StorageError(.transient, "there was no answer")), count: calls.count)
        let byRegion = Dictionary(grouping: calls.indices) { regions[calls[$0].place.bucket] ?? settings.region }
        for (region, places) in byRegion.sorted(by: { $0.key < $1.key }) {
            var requests: [HTTPRequest] = []
            var asked: [Int] = []
            for i in places {
                do throws(StorageError) {
                    requests.append(try request(calls[i], region))
                    asked.append(i)
                } catch {
                    answers[i] = .failure(error)
                }
            }
            let signer = S3Signer(signature: signature, region: region)
            let responses = client.perform(requests, authorizing: signer, progress: progress)
            for ((i, request), response) in zip(zip(asked, requests), responses) {
                answers[i] = response.map { Answer(request: request, response: $0, failure: S3Failure($0)) }
            }
        }
        return answers
    }

    private func request(_ call: S3Call, _ region: String) throws(StorageError) -> HTTPRequest {
        var request = HTTPRequest(
            call.method, try settings.url(call.place, query: SigV4.query(call.query), in: region), headers: call.headers,
            body: call.body)
        request.sink = call.sink
        request.expected = .any
        // every call here may be made twice
        request.isRepeatable = true
        // a signature is for one host
        request.followsRedirections = false
        return request
    }

    private func isMisled(_ answer: Result<Answer, StorageError>, _ bucket: String) -> Bool {
        guard case .success(let answer) = answer, [301, 307, 400, 403].contains(answer.response.status),
            let region = answer.response.headers["x-amz-bucket-region"] ?? answer.failure.region,
            region != regions[bucket] ?? settings.region
        else { return false }
        regions[bucket] = region
        return true
    }
}
