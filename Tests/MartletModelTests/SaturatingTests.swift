import MartletModel
import Testing

@Suite struct SaturatingTests {
    @Test(arguments: [(0.0, UInt64(0)), (1.9, 1), (-1, 0), (.nan, 0), (.infinity, .max), (-.infinity, 0), (0x1p64, .max), (1e30, .max)])
    func unsigned(value: Double, number: UInt64) { #expect(UInt64(saturating: value) == number) }

    @Test(arguments: [(-1.9, -1), (0x1p63, Int.max), (-0x1p63, Int.min), (-1e30, Int.min), (0x1p53, 1 << 53)])
    func signed(value: Double, number: Int) { #expect(Int(saturating: value) == number) }
}
