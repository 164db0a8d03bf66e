import MartletTesting
import Testing

@testable import MartletStorage

@Suite struct RetryPolicyTests {
    @Test func pausesGrowAndAreSpreadFromNothingToTheirBound() {
        var random = SeededRandom(seed: 1)
        var policy = RetryPolicy()
        policy.tries = 40
        for (attempts, bound) in [(1, 0.5), (2, 1), (3, 2), (6, 16), (7, 20), (39, 20)] {
            let pauses = (0..<200).compactMap { _ in policy.pause(after: attempts, asked: nil, &random) }
            #expect(pauses.count == 200)
            #expect(pauses.max()! <= bound && pauses.max()! > 0.9 * bound)
            #expect(pauses.min()! >= 0 && pauses.min()! < 0.1 * bound)
        }
    }

    @Test func triesAndPatienceEnd() {
        var random = SeededRandom(seed: 1)
        let policy = RetryPolicy()
        #expect(policy.pause(after: 3, asked: nil, &random) != nil)
        #expect(policy.pause(after: 4, asked: nil, &random) == nil)
        #expect(policy.pause(after: 1, asked: 120, &random)! >= 120)
        #expect(policy.pause(after: 1, asked: 121, &random) == nil)
    }

    @Test func whatTheServerAsksFor() {
        #expect(RetryPolicy.asked([:]) == nil)
        #expect(RetryPolicy.asked(["Retry-After": "7"]) == 7)
        #expect(RetryPolicy.asked(["Retry-After": "soon"]) == nil)
        #expect(RetryPolicy.asked(["Retry-After": "-1"]) == nil)
        // by the server's clock, whatever ours says
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(RetryPolicy.asked(["Retry-After": "Sun, 06 Nov 1994 08:49:47 GMT", "Date": date]) == 10)
        #expect(RetryPolicy.asked(["Retry-After": "Sun, 06 Nov 1994 08:00:00 GMT", "Date": date]) == 0)
        #expect(RetryPolicy.asked(["Retry-After": date]) == nil)
    }

    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200), ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ("1994-11-06T08:49:37Z", 784_111_777), ("1994-11-06T08:49:37.123Z", 784_111_777),
    ])
    func dates(text: String, seconds: Int64) { #expect(HTTPDate.seconds(text) == seconds) }

    @Test(arguments: ["", "now", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "1994-11-06", "Sun, 99 Nov 1994 08:49:37 GMT"])
    func noDates(text: String) { #expect(HTTPDate.seconds(text) == nil) }
}

@Suite struct RequestQueueTests {
    private let a = HTTPURL("http://a/")!.origin
    private let b = HTTPURL("http://b/")!.origin

    private func all(_ queue: inout RequestQueue, at now: UInt64 = 0) -> [Int] {
        var taken: [Int] = []
        while let index = queue.next(at: now) { taken.append(index) }
        return taken
    }

    @Test func serversTakeTurnsWithinTheirLimits() {
        var queue = RequestQueue(parallel: 5, perHost: 3)
        for i in 0..<10 { queue.add(i, for: a) }
        queue.add(10, for: b)
        #expect(all(&queue) == [0, 10, 1, 2])
        queue.end(at: b, wasAnswered: true)
        #expect(all(&queue) == [])
        queue.end(at: a, wasAnswered: true)
        #expect(all(&queue) == [3])
        #expect(queue.answers(of: a) == 1 && queue.answers(of: b) == 1)
    }

    @Test func whatIsDelayedWaitsAndAPauseHoldsAll() {
        var queue = RequestQueue(parallel: 9, perHost: 9)
        queue.delay(0, for: a, until: 50)
        queue.delay(1, for: a, until: 20)
        queue.add(2, for: a)
        #expect(all(&queue, at: 10) == [2])
        #expect(queue.nextTime() == 20)
        #expect(all(&queue, at: 20) == [1])
        queue.pause(a, until: 100)
        #expect(all(&queue, at: 60) == [])
        #expect(queue.nextTime() == 100)
        #expect(all(&queue, at: 100) == [0])
    }

    @Test func whatIsSentOnComesFirstAndAServerCanBeGivenUp() {
        var queue = RequestQueue(parallel: 1, perHost: 1)
        for i in 0..<3 { queue.add(i, for: a) }
        queue.addUrgent(9, for: a)
        #expect(queue.next(at: 0) == 9)
        queue.delay(7, for: a, until: 5)
        queue.delay(8, for: b, until: 5)
        #expect(queue.giveUp(a).sorted() == [0, 1, 2, 7])
        queue.end(at: a, wasAnswered: false)
        #expect(all(&queue, at: 9) == [8])
        queue.end(at: b, wasAnswered: false)
        #expect(queue.isEmpty)
    }

    /// The earliest always comes first, whatever the order of adding.
    @Test func theHeapIsInOrder() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<50 {
            var queue = DelayQueue()
            let dues = (0..<100).map { _ in UInt64.random(in: 0..<50, using: &random) }
            for (i, due) in dues.enumerated() { queue.add(i, 0, due: due) }
            var taken: [UInt64] = []
            while let (index, _) = queue.next(at: .max) { taken.append(dues[index]) }
            #expect(taken == dues.sorted())
        }
    }
}

@Suite struct DigestHeadersTests {
    @Test(arguments: [
        ("Digest", "adler32=11e60398", "adler32", "11e60398"),
        ("digest", "adler32=1e60398", "adler32", "01e60398"),
        ("Digest", "ADLER32=11E60398", "adler32", "11e60398"),
        ("Digest", "md5=kAFQmDzST7DWlj99KOF/cg==", "md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("Digest", "md5=900150983cd24fb0d6963f7d28e17f72", "md5", "900150983cd24fb0d6963f7d28e17f72"),
        ("Repr-Digest", "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:", "sha256",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("OC-Checksum", "ADLER32:11e60398", "adler32", "11e60398"),
    ])
    func spellingsOfServers(name: String, value: String, algorithm: String, digest: String) {
        var headers = HTTPHeaders()
        headers.add(name, value)
        #expect(DigestHeaders.checksums(headers).map(\.algorithm) == [algorithm])
        #expect(DigestHeaders.checksums(headers).map(\.digest) == [digest])
    }

    @Test(arguments: ["", "adler32", "adler32=xyz", "adler32=123456789", "md5=AAAA", "crc99=1"])
    func whatIsNoDigestIsPassedOver(value: String) {
        #expect(DigestHeaders.checksums(["Digest": value]).isEmpty)
    }

    @Test func severalAtOnce() {
        let told = DigestHeaders.checksums(["Digest": "md5=kAFQmDzST7DWlj99KOF/cg==, adler32=11e60398", "OC-Checksum": "SHA1:a9993e364706816aba3e25717850c26c9cd0d89d MD5:900150983cd24fb0d6963f7d28e17f72"])
        #expect(told.map(\.algorithm) == ["md5", "adler32", "sha1", "md5"])
    }
}
