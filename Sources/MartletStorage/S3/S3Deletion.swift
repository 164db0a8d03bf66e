import MartletModel
import MartletPorts

/// Removes objects, many with one call.
///
/// Source: "DeleteObjects", Amazon S3 API reference.
struct S3Deletion {
    let service: S3Service

    private static let most = 1000

    /// One answer per object, in order. Content with what is not there.
    func delete(_ objects: [S3Location]) -> [Result<Void, StorageError>] {
        var answers = [Result<Void, StorageError>](
            repeating: .failure(StorageError(.transient, "there was no answer")), count: objects.count)
        var calls: [S3Call] = []
        var shares: [[Int]] = []
        for places in Dictionary(grouping: objects.indices, by: { objects[$0].bucket }).values.sorted(by: { $0[0] < $1[0] }) {
            for start in stride(from: 0, to: places.count, by: S3Deletion.most) {
                let share = Array(places[start..<min(start + S3Deletion.most, places.count)])
                shares.append(share)
                calls.append(share.count == 1 ? S3Call("DELETE", objects[share[0]]) : S3Deletion.call(share.map { objects[$0] }))
            }
        }
        var oneByOne: [Int] = []
        for (share, answer) in zip(shares, service.perform(calls)) {
            // some gateways do not know the call
            if share.count > 1, case .failure(let error) = answer, error.kind == .unsupported {
                oneByOne += share
                continue
            }
            for (i, result) in zip(share, S3Deletion.results(share.map { objects[$0] }, answer)) { answers[i] = result }
        }
        for (i, answer) in zip(oneByOne, service.perform(oneByOne.map { S3Call("DELETE", objects[$0]) })) {
            answers[i] = answer.map { _ in }
        }
        return answers
    }

    private static func call(_ objects: [S3Location]) -> S3Call {
        let keys = objects.map { "<Object><Key>\(S3Upload.escaped($0.key))</Key></Object>" }
        let body = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>\(keys.joined())</Delete>"
        return S3Call(
            "POST", S3Location(bucket: objects[0].bucket, key: ""), query: [("delete", "")],
            headers: ["content-type": "application/xml"], body: .bytes(Array(body.utf8)))
    }

    /// What is not named among the errors was removed.
    private static func results(
        _ objects: [S3Location], _ answer: Result<HTTPResponse, StorageError>
    ) -> [Result<Void, StorageError>] {
        do throws(StorageError) {
            let response = try answer.get()
            if objects.count == 1 { return [.success(())] }
            var failures: [ExactText: StorageError] = [:]
            var (key, failure) = ("", S3Failure())
            for element in try XMLElements(response.body).all {
                switch element.path {
                case "DeleteResult/Error/Key": key = element.text
                case "DeleteResult/Error/Code": failure.code = element.text
                case "DeleteResult/Error/Message": failure.message = element.text
                case "DeleteResult/Error":
                    let words = [failure.code, HTTPWording.plain(failure.message, limit: 200)].filter { !$0.isEmpty }
                    failures[ExactText(key)] = StorageError(
                        S3Failure.kind(of: failure.code) ?? .transient, "removing \(key): \(words.joined(separator: ": "))")
                    (key, failure) = ("", S3Failure())
                default: break
                }
            }
            return objects.map { object in failures[ExactText(object.key)].map { .failure($0) } ?? .success(()) }
        } catch {
            return objects.map { _ in .failure(error) }
        }
    }
}
