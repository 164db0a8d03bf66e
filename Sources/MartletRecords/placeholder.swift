// MartletRecords
