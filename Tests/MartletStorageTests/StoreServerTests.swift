import Glibc
import MartletModel
import MartletPorts
import MartletSystem
import MartletTesting
import Testing

@testable import MartletStorage

@Suite struct StoreServerTests {
    /// Plays frames to a server with one store, and gives back all that it says until it ends.
    private func said(
        to frames: [[UInt8]], _ store: MemoryStorage, longestAnswer: Int = CourierFrame.longest
    ) throws -> [JSON] {
        let (ours, theirs) = try Socket.pair()
        for frame in frames { try frame.withUnsafeBytes { try Socket.sendAll(ours.raw, $0) } }
        shutdown(ours.raw, Int32(SHUT_WR))
        try StoreServer(socket: theirs.raw, longestAnswer: longestAnswer) { _ in Stores([store]) }.serve()
        theirs.close()
        var reader = CourierFrameReader()
        while try reader.take({ (buffer: inout [UInt8]) throws(SystemError) in
            try Socket.receive(ours.raw, into: &buffer)
        }) != .ended {}
        var said: [JSON] = []
        while let frame = try reader.next() { said.append(frame.header) }
        return said
    }

    private func frame(_ text: String, _ bytes: [UInt8] = []) throws -> [UInt8] {
        try CourierFrame(header: try JSON.parse(text), bytes: bytes).encoded()
    }

    private let hello = #"{"op":"hello","settings":[]}"#

    @Test func answersOneRequestAfterAnother() throws {
        let store = MemoryStorage(), scratch = try ScratchDirectory("server")
        try File.replace("\(scratch.path)/a", with: [1, 2, 3])
        let said = try said(
            to: [
                try frame(hello), try frame(#"{"op":"mkdir","targets":["mem:///d"]}"#),
                try frame(#"{"op":"store","targets":["mem:///d/a"],"locals":["\#(scratch.path)/a"]}"#),
                try frame(#"{"op":"look","count":3}"#, Array("mem:///d/a\0mem:///d/b\0no://x".utf8)),
            ], store)
        #expect(said.count == 5)
        #expect(said[0].text == #"{"version":1}"#)
        #expect(said[1].text == #"{"answers":[{"ok":true}]}"#)
        #expect(said[2].text == #"{"progress":[3,3,1,1]}"#)
        #expect(said[3]["answers"]?.array?[0]["size"] == .integer(3))
        #expect(said[4]["reasons"]?.array?.map { $0["error"]?.string } == ["unsupported"])
    }

    @Test func anAnswerThatIsTooLongIsRefusedInWordsAndTheNextIsGiven() throws {
        let store = MemoryStorage(), scratch = try ScratchDirectory("server")
        try File.replace("\(scratch.path)/a", with: [UInt8](repeating: 1, count: 2000))
        let said = try said(
            to: [
                try frame(hello), try frame(#"{"op":"store","targets":["mem:///a"],"locals":["\#(scratch.path)/a"]}"#),
                try frame(#"{"op":"read","targets":["mem:///a"],"offset":0,"count":2000}"#),
                try frame(#"{"op":"look","count":700}"#, Array(repeatElement("mem:///a", count: 700).joined(separator: "\0").utf8)),
                try frame(#"{"op":"read","targets":["mem:///a"],"offset":0,"count":10}"#),
            ], store, longestAnswer: 1000)
        #expect(said.count == 6)
        #expect(said[3]["answers"]?.array?.map { $0["error"]?.string } == ["unsupported"])
        #expect(said[4]["reasons"]?.array?.map { $0["error"]?.string } == ["unsupported"])
        #expect(said[5].text == #"{"answers":[{"ok":true}]}"#)
    }

    @Test func hangsUpOnWhatItDoesNotUnderstand() throws {
        let store = MemoryStorage()
        #expect(try said(to: [try frame(hello), try frame(#"{"op":"steal"}"#), try frame(hello)], store).count == 1)
        #expect(try said(to: [try frame(hello), try frame(#"{"op":"look","count":2}"#, [0x61])], store).count == 1)
        #expect(try said(to: [[255, 255, 255, 255, 0, 0, 0, 0]], store).isEmpty)
    }
}
