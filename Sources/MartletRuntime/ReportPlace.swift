import MartletModel

/// What a record is called by. The segment may be another from one to the next (`RecordStore`).
package struct ReportPlace: Equatable, Sendable {
    package var segment: String
    package var number: UInt64

    package init(segment: String, number: UInt64) {
        self.segment = segment
        self.number = number
    }

    var name: ReportName { ReportName(segment: segment, number: number) }
}
