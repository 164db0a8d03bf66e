// MartletEngine
