// MartletSystem
