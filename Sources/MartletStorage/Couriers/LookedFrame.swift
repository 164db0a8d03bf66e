import MartletModel
import MartletPorts

/// Which of many targets are there, as it crosses between processes and to Python: two bytes a target, little-endian, 0 for
/// absent, 1 for there, and 2 + n for the n-th of the reasons why something could not be found out.
/// `martlet.storage.looked` reads and writes the same.
enum LookedFrame {
    /// More different reasons are all told as the last of them.
    private static let mostReasons = 60_000

    /// - Returns: the member `reasons` of the header, and the bytes.
    static func encoded(_ existences: [Existence]) -> (reasons: JSON, bytes: [UInt8]) {
        var numbers: [StorageError: Int] = [:]
        var reasons: [JSON] = []
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * existences.count)
        for existence in existences {
            let number: Int
            switch existence {
            case .absent: number = 0
            case .there: number = 1
            case .unknown(let error):
                if numbers[error] == nil, reasons.count < mostReasons {
                    numbers[error] = reasons.count
                    reasons.append(StoreAnswer.json(error))
                }
                number = 2 + (numbers[error] ?? reasons.count - 1)
            }
            bytes.append(UInt8(truncatingIfNeeded: number))
            bytes.append(UInt8(truncatingIfNeeded: number >> 8))
        }
        return (.array(reasons), bytes)
    }

    /// - Returns: nil for what cannot be understood.
    static func decoded(_ reasons: JSON?, _ bytes: [UInt8]) -> [Existence]? {
        guard let reasons = reasons?.array, bytes.count % 2 == 0 else { return nil }
        var table: [Existence] = [.absent, .there]
        for reason in reasons {
            guard let error = StoreAnswer.error(reason) else { return nil }
            table.append(Existence(Result<FileStatus, StorageError>.failure(error)))
        }
        var existences: [Existence] = []
        existences.reserveCapacity(bytes.count / 2)
        for place in stride(from: 0, to: bytes.count, by: 2) {
            let number = Int(bytes[place]) | Int(bytes[place + 1]) << 8
            guard number < table.count else { return nil }
            existences.append(table[number])
        }
        return existences
    }

    /// Locations, none of which holds a NUL, with NULs between them.
    static func joined(_ targets: [TargetRef]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(targets.reduce(targets.count) { $0 + $1.location.utf8.count })
        for (place, target) in targets.enumerated() {
            if place > 0 { bytes.append(0) }
            bytes.append(contentsOf: target.location.utf8)
        }
        return bytes
    }

    /// So many locations. - Returns: nil where there are more or fewer.
    static func parted(_ bytes: [UInt8], count: Int) -> [TargetRef]? {
        if count == 0 { return bytes.isEmpty ? [] : nil }
        var targets: [TargetRef] = []
        targets.reserveCapacity(count)
        bytes.withUnsafeBufferPointer { all in
            var begin = 0
            while begin <= all.count {
                let end = all[begin...].firstIndex(of: 0) ?? all.count
                targets.append(TargetRef(String(decoding: all[begin..<end], as: UTF8.self)))
                begin = end + 1
            }
        }
        return targets.count == count ? targets : nil
    }
}
