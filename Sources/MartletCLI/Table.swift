import MartletModel

/// Columns of text, two blanks apart, each as wide as its widest cell.
struct Table {
    private var rows: [[String]]
    /// Rows whose only cell counts for no column's width.
    private var spanning: Set<Int> = []
    private let numbers: Set<Int>

    /// - Parameters:
    ///   - head: the columns' names; nil for a table without them.
    ///   - numbers: columns that are aligned to the right.
    init(_ head: [String]?, numbers: Set<Int> = []) {
        rows = head.map { [$0] } ?? []
        self.numbers = numbers
    }

    /// - Parameter spanning: its only cell goes over all columns.
    mutating func add(_ row: [String], spanning: Bool = false) {
        if spanning { self.spanning.insert(rows.count) }
        rows.append(row)
    }

    var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.indices.map { spanning.contains($0) || column >= rows[$0].count ? 0 : rows[$0][column].count }.max() ?? 0
        }
        return rows.enumerated().map { place, row in
            if spanning.contains(place) { return row[0] }
            let cells = row.enumerated().map { column, cell in
                let blanks = String(repeating: " ", count: widths[column] - cell.count)
                if numbers.contains(column) { return blanks + cell }
                return column == row.count - 1 ? cell : cell + blanks
            }
            return cells.joined(separator: "  ")
        }
    }

    /// A recorded value as a reader wants it: texts without quotes, all else as JSON.
    static func plain(_ value: JSON) -> String { value.string ?? value.text }
}

/// Times in the unit that fits.
enum Duration {
    /// `0.8 ms`, `12.5 s`, `3 min 20 s`, `2 h 05 min`.
    static func text(_ seconds: Double) -> String {
        if seconds < 0.9995 { return "\(decimal(seconds * 1000)) ms" }
        if seconds < 59.95 { return "\(decimal(seconds)) s" }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        let minutes = whole / 60 % 60
        return "\(whole / 3600) h \(minutes < 10 ? "0" : "")\(minutes) min"
    }

    /// One digit behind the point.
    static func decimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

/// Sizes in the unit that fits.
enum Size {
    /// `48213 B` as `48.2 kB`: powers of a thousand, one digit behind the point.
    static func text(_ bytes: Int64) -> String {
        if bytes.magnitude < 1000 { return "\(bytes) B" }
        var value = Double(bytes)
        for unit in ["kB", "MB", "GB", "TB"] {
            value /= 1000
            if value.magnitude < 999.95 { return "\(Duration.decimal(value)) \(unit)" }
        }
        return "\(Duration.decimal(value / 1000)) PB"
    }
}
