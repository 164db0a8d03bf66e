// MartletBatch
