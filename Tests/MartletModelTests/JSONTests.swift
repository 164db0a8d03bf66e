import MartletModel
import Testing

@Suite struct JSONTests {
    @Test(arguments: [
        ("null", JSON.null), (" true ", .bool(true)), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number(9.223372036854775808e18)),
        ("1.0", .number(1)), ("-2.5e-3", .number(-0.0025)), ("1E2", .number(100)), ("[]", .array([])),
        ("[1,[2],{}]", .array([.integer(1), .array([.integer(2)]), .object([])])),
        ("{\"b\":1,\"a\":[]}", .object([JSONMember("b", .integer(1)), JSONMember("a", .array([]))])),
        ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\tz\"", .string("a\"\\/\u{8}\u{c}\n\r\tz")),
        ("\"\\u00e9\\ud83d\\ude00é\"", .string("é😀é")), ("\"\\ud800x\"", .string("\u{FFFD}x")),
        ("\"\\ud800\\u0041\"", .string("\u{FFFD}A")), ("\"\\udc00\"", .string("\u{FFFD}")),
        ("\"\\u0000\"", .string("\0")),
    ])
    func reads(text: String, value: JSON) throws {
        #expect(try JSON.parse(text) == value)
    }

    @Test(arguments: [
        ("", 0), ("nul", 3), ("nulL", 0), ("01", 1), ("1.", 2), ("-", 1), (".5", 0), ("1e", 2), ("+1", 0), ("[1,]", 3),
        ("[1 2]", 3), ("{\"a\"}", 4), ("{\"a\":1,}", 7), ("{a:1}", 1), ("{\"a\":1,\"a\":2}", 7), ("\"a", 2),
        ("\"\n\"", 1), ("\"\\x\"", 1), ("\"\\u12g4\"", 5), ("1 1", 2), ("NaN", 0), ("Infinity", 0), ("1e999", 0),
        ("'a'", 0), ("[", 1), ("{\"a\":", 5), ("\0", 0),
    ])
    func refuses(text: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSON.parse(text) }
        #expect(error?.offset == offset, "\(error?.reason ?? "")")
    }

    @Test func refusesInvalidUTF8() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82]] {
            #expect(throws: JSONError.self) { try JSON.parse([0x22] + bytes + [0x22]) }
            #expect(throws: JSONError.self) { try JSON.parse(Array("\"\\n".utf8) + bytes + [0x22]) }
        }
    }

    @Test func nestingHasALimitAndNoCrash() throws {
        let fits = String(repeating: "[", count: JSON.deepest) + String(repeating: "]", count: JSON.deepest)
        _ = try JSON.parse(fits)
        for opener in ["[", "{\"a\":"] {
            let error = #expect(throws: JSONError.self) {
                try JSON.parse(String(repeating: opener, count: 100_000))
            }
            #expect(error?.offset == JSON.deepest * opener.utf8.count)
        }
    }

    @Test func manyMembersAreStillUnique() throws {
        let members = (0..<100).map { "\"m\($0)\":\($0)" }
        #expect(try JSON.parse("{" + members.joined(separator: ",") + "}")["m99"] == .integer(99))
        #expect(throws: JSONError.self) { try JSON.parse("{" + (members + ["\"m50\":0"]).joined(separator: ",") + "}") }
    }

    @Test func everyCharacterSurvivesWritingAndReading() throws {
        var scalars = String.UnicodeScalarView()
        for code in UInt32(0)..<0x3000 { scalars.append(Unicode.Scalar(code)!) }
        scalars.append("\u{10FFFF}")
        let value = JSON.object([JSONMember(String(scalars), .string(String(scalars)))])
        let text = value.text
        #expect(try JSON.parse(text) == value)
        #expect(!text.utf8.contains { $0 < 0x20 })
    }

    @Test(arguments: [
        0.1, -1e-300, Double.leastNonzeroMagnitude, 1.7976931348623157e308, 100, 1e16, 0.30000000000000004,
    ])
    func doublesSurvive(number: Double) throws {
        #expect(try JSON.parse(JSON.number(number).text) == .number(number))
    }

    @Test func noNumberOutsideJSONIsWritten() {
        #expect(JSON.array([.number(.nan), .number(.infinity)]).text == "[null,null]")
    }

    @Test func writerPutsCommas() {
        var writer = JSONWriter(appendingTo: Array("\"first\":1".utf8), afterMember: true)
        writer.name("a")
        writer.beginArray()
        writer.integer(Int64.min)
        writer.integer(UInt64.max)
        writer.beginObject()
        writer.endObject()
        writer.string(repairing: [0x61, 0xFF])
        writer.endArray()
        writer.verbatim(Array("\"v\":2".utf8))
        writer.verbatim([])
        writer.name("b")
        writer.null()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "\"first\":1,\"a\":[-9223372036854775808,18446744073709551615,{},\"a\u{FFFD}\"],\"v\":2,\"b\":null")
    }
}
