import MartletModel
import MartletPorts

/// A question to one computing element, about jobs whose ids are known or about all that it has of ours.
struct ARCQuestion {
    var command: BatchCommand
    /// The element's URL.
    var element: String
    /// Which jobs are asked for, by the element's own ids; empty: all.
    var known: [String: JobKey]
    /// Who has submitted those, where that is known.
    var owners: Set<String> = []

    /// Asks for the states of jobs with known ids, and for all about all jobs where an id is not known.
    static func list(_ asked: [AskedSubmission]) -> [ARCQuestion] {
        named(asked) + elementsWithUnknown(asked).map {
            ARCQuestion(command: BatchCommand(ARCClient.words("all", $0), limit: 300), element: $0, known: [:])
        }
    }

    private static func named(_ asked: [AskedSubmission]) -> [ARCQuestion] {
        var known: [String: [String: JobKey]] = [:], owners: [String: Set<String>] = [:]
        for submission in asked {
            for index in submission.elements {
                guard let id = submission.ids[index], let element = ARCElement(job: id) else { continue }
                known[element.url, default: [:]][ARCElement.own(id)] = JobKey(submission.tag, index)
                if let who = ARCElement.who(id) { owners[element.url, default: []].insert(who) }
            }
        }
        return known.sorted { $0.key < $1.key }.map { element, jobs in
            let body = ARCQuestion.body(jobs.keys.sorted())
            return ARCQuestion(
                command: BatchCommand(ARCClient.words("status", element), input: body, limit: 120), element: element, known: jobs,
                owners: owners[element] ?? [])
        }
    }

    private static func elementsWithUnknown(_ asked: [AskedSubmission]) -> [String] {
        Set(asked.filter(hasUnknown).compactMap(\.queue).map { ARCElement($0).url }).sorted()
    }

    private static func hasUnknown(_ submission: AskedSubmission) -> Bool {
        submission.elements.contains { submission.ids[$0].flatMap(ARCElement.init(job:)) == nil }
    }

    /// Own ids as the interface wants them.
    static func body(_ ids: [String]) -> String {
        JSON.object([JSONMember("job", .array(ids.map { ["id": .string($0)] }))]).text
    }

    /// Ids by the element that they belong to.
    static func grouped(_ jobs: [JobID]) -> [(element: String, ids: [String])] {
        var groups: [String: [String]] = [:]
        for job in jobs {
            if let element = ARCElement(job: job) { groups[element.url, default: []].append(ARCElement.own(job)) }
        }
        return groups.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
    }

    /// Submissions that it is about.
    private func tags(in asked: [AskedSubmission]) -> Set<String> {
        if !known.isEmpty { return Set(known.values.map(\.tag)) }
        return Set(asked.filter { $0.queue.map { ARCElement($0).url } == element && ARCQuestion.hasUnknown($0) }.map(\.tag))
    }

    static func read(
        _ questions: [ARCQuestion], _ asked: [AskedSubmission], _ results: [BatchCommandResult]
    ) -> BatchListing {
        var listing = BatchListing(jobs: [], gap: nil)
        if let lost = asked.first(where: { $0.queue == nil && hasUnknown($0) }) {
            listing.gap = "it is not known which computing element \(lost.tag) was submitted to"
            listing.unheard = Set(asked.filter { $0.queue == nil && hasUnknown($0) }.map(\.tag))
        }
        let wanted = Set(asked.flatMap { submission in submission.elements.map { JobKey(submission.tag, $0) } })
        for (place, question) in questions.enumerated() {
            let result = place < results.count ? results[place] : nil
            let told = result.flatMap { $0.isSuccess && !$0.isCut ? ARCAnswer.jobs($0.output) : nil }?.map(ARCAnswer.init)
            let who = result.flatMap { ARCAnswer.who($0.output) }
            if let why = question.gap(result, told, who) {
                listing.gap = "\(question.element) \(why)"
                listing.unheard.formUnion(question.tags(in: asked))
            }
            listing.jobs += (told ?? []).compactMap { $0.job(ARCElement(question.element), question.known, who: who) }
                .filter { wanted.contains($0.key) }
        }
        return listing
    }

    /// Why jobs may be lacking in what it was answered.
    private func gap(_ result: BatchCommandResult?, _ told: [ARCAnswer]?, _ who: String?) -> String? {
        guard let told else { return "does not answer: \(result.map(ARCDialect.complaint) ?? "it was not asked")" }
        // of others' jobs it says that there are none
        if let who, !owners.subtracting([who]).isEmpty { return "tells of no jobs that another certificate or token has made" }
        if told.contains(where: \.isRefusal) { return "does not tell how a job of ours is" }
        if known.isEmpty && told.contains(where: \.isNameless) { return "has a new job without a name yet" }
        return nil
    }
}
