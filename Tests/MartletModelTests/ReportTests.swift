import MartletModel
import Testing

@Suite struct ReportTests {
    static let full = Report(
        task: "Selection_ttJets_abc", family: "Selection", title: "Selection(dataset=ttJets)",
        parameters: .object([JSONMember("dataset", .string("tt\"Jets\n")), JSONMember("n", .integer(3))]),
        outputs: [
            RecordedOutput(path: "/data/a b.root", size: 12, modified: 1_700_000_000_000_000_001),
            RecordedOutput(path: "https://x/y", size: nil, modified: nil),
        ], inputs: ["Events_1", "Events_2"],
        execution: Execution(
            outcome: .failed, cause: "ValueError: no\tevents", start: 1_700_000_000_123_456_789, wall: 1.25, cpu: 0.5,
            memory: 123_456, worker: 3, attempt: 2,
            log: Execution.LogSpan(file: "worker-3.log", offset: 100, length: 20),
            reason: Execution.Reason(code: "dependencyRan", task: "Events_1")))

    private func members(_ report: Report) -> [UInt8] {
        var bytes: [UInt8] = []
        report.encode(into: &bytes)
        return bytes
    }

    private func reread(_ members: [UInt8]) throws -> Report {
        try Report(json: JSON.parse(Array("{".utf8) + members + Array("}".utf8)))
    }

    @Test func writtenAndReadAgain() throws {
        #expect(try reread(members(ReportTests.full)) == ReportTests.full)
        let bare = Report(
            task: "T", family: "", title: "T", execution: Execution(outcome: .done, start: 1, wall: 0))
        #expect(try reread(members(bare)) == bare)
    }

    @Test func theFormOfALineIsFixed() {
        var report = ReportTests.full
        report.parameters = .object([JSONMember("dataset", .string("ttJets"))])
        report.outputs.removeLast()
        #expect(
            String(decoding: members(report), as: UTF8.self) == """
                "task":"Selection_ttJets_abc","family":"Selection","title":"Selection(dataset=ttJets)",\
                "params":{"dataset":"ttJets"},"outputs":[["/data/a b.root",12,1700000000000000001]],\
                "inputs":["Events_1","Events_2"],"state":"failed","cause":"ValueError: no\\tevents",\
                "start":1700000000123456789,"wall":1.25,"cpu":0.5,"rss":123456,"worker":3,"try":2,\
                "log":["worker-3.log",100,20],"why":["dependencyRan","Events_1"]
                """)
    }

    @Test func aUsualLineIsShort() {
        let report = Report(
            task: "Selection_3_ttJets_nominal_2f1bd4c9aa", family: "Selection",
            title: "Selection(dataset=ttJets, file=3, shift=nominal)",
            parameters: .object([
                JSONMember("dataset", .string("ttJets")), JSONMember("file", .integer(3)),
                JSONMember("shift", .string("nominal")),
            ]), outputs: [RecordedOutput(path: "output/Selection/ttJets/3.root", size: 123_456, modified: .max)],
            inputs: ["Events_3_ttJets_8dd1f2a3bb"],
            execution: Execution(
                outcome: .done, start: .max, wall: 1.234567, cpu: 1.234567, memory: 250_000, worker: 2,
                log: Execution.LogSpan(file: "worker-2.log", offset: 123_456, length: 1234),
                reason: Execution.Reason(code: "outputAbsent")))
        #expect(members(report).count + 30 <= 512)
    }

    @Test func theUsualTitleMayBeLeftOut() throws {
        let members = Array("\"task\":\"S_1\",\"family\":\"S\",\"params\":{\"a\":\"x y\",\"n\":[1,null]}".utf8)
        var bytes: [UInt8] = []
        Execution(outcome: .done, start: 1, wall: 0).encode(into: &bytes, fragment: members)
        #expect(try reread(bytes).title == "S(a=x y, n=[1,null])")
    }

    @Test func unknownMembersArePassedOver() throws {
        var bytes = members(ReportTests.full)
        bytes += Array(",\"later\":{\"x\":1}".utf8)
        #expect(try reread(bytes) == ReportTests.full)
    }

    @Test(arguments: [
        ("{}", "task"), ("{\"task\":1}", "task"), ("{\"task\":\"a\"}", "state"),
        ("{\"task\":\"a\",\"state\":\"odd\",\"start\":1}", "state"), ("{\"task\":\"a\",\"state\":\"done\"}", "start"),
        ("{\"task\":\"a\",\"outputs\":[1]}", "outputs"), ("{\"task\":\"a\",\"outputs\":[[\"p\",\"1\",1]]}", "outputs"),
        ("{\"task\":\"a\",\"inputs\":[1]}", "inputs"),
        ("{\"task\":\"a\",\"state\":\"done\",\"start\":1,\"log\":[1]}", "log"),
        ("{\"task\":\"a\",\"state\":\"done\",\"start\":1,\"why\":[]}", "why"), ("[]", "task"),
    ])
    func refuses(text: String, member: String) {
        let error = #expect(throws: Report.Malformed.self) { try Report(json: JSON.parse(text)) }
        #expect(error?.member == member)
    }

    @Test(arguments: [
        (Int64(0), "19700101T000000Z"), (-1, "19691231T235959Z"), (951_782_400_000_000_000, "20000229T000000Z"),
        (1_709_251_199_999_999_999, "20240229T235959Z"), (4_107_542_400_000_000_000, "21000301T000000Z"),
    ])
    func dates(nanoseconds: Int64, text: String) {
        #expect(UTC.compact(nanoseconds) == text)
    }
}
