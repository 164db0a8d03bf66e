// MartletBridge
