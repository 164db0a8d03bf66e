import Testing

@testable import MartletStorage

@Suite struct DAVAbilitiesTests {
    private func url(_ path: String, _ host: String = "host") throws -> HTTPURL {
        try #require(HTTPURL("https://\(host)\(path)"))
    }

    @Test func whatIsUnknownIsUnknownEverywhere() throws {
        var abilities = DAVAbilities()
        abilities.note(lackingEverywhere: "MOVE", try url("/a/x"))
        #expect(abilities.lacks("MOVE", try url("/b/c/y")))
        #expect(!abilities.lacks("COPY", try url("/a/x")))
        #expect(!abilities.lacks("MOVE", try url("/a/x", "other")))
    }

    @Test func whatIsRefusedIsRefusedThere() throws {
        var abilities = DAVAbilities()
        abilities.note(refused: "MOVE", try url("/a/b/x"))
        for (path, lacks) in [("/a/b/y", true), ("/a/b/", true), ("/a/b/c/y", false), ("/a/x", false), ("/a/bc/x", false)] {
            #expect(abilities.lacks("MOVE", try url(path)) == lacks, "\(path)")
        }
    }

    @Test func twoSideBySideSpeakForAllAround() throws {
        var abilities = DAVAbilities()
        abilities.note(refused: "MOVE", try url("/a/b/x"))
        abilities.note(refused: "MOVE", try url("/a/c/d/x"))
        for (path, lacks) in [("/a/e/f/y", true), ("/a/y", true), ("/ab/y", false), ("/y", false)] {
            #expect(abilities.lacks("MOVE", try url(path)) == lacks, "\(path)")
        }
    }

    @Test func butNotWhereItWasDone() throws {
        var abilities = DAVAbilities()
        abilities.note(able: "MOVE", try url("/a/e/x"))
        abilities.note(refused: "MOVE", try url("/a/b/x"))
        abilities.note(refused: "MOVE", try url("/a/c/x"))
        #expect(!abilities.lacks("MOVE", try url("/a/f/x")))
        #expect(abilities.lacks("MOVE", try url("/a/c/y")))
        abilities.note(able: "MOVE", try url("/a/c/x"))
        #expect(!abilities.lacks("MOVE", try url("/a/c/y")))
        abilities.note(refused: "MOVE", try url("/a/c/x"))
        #expect(abilities.lacks("MOVE", try url("/a/c/y")))
    }

    @Test func aTreeThatDoesItAfterAllIsNone() throws {
        var abilities = DAVAbilities()
        abilities.note(refused: "MOVE", try url("/b/x"))
        abilities.note(refused: "MOVE", try url("/c/x"))
        #expect(abilities.lacks("MOVE", try url("/d/x")))
        abilities.note(able: "MOVE", try url("/e/x"))
        #expect(!abilities.lacks("MOVE", try url("/d/x")))
        #expect(abilities.lacks("MOVE", try url("/c/y")))
    }
}
