// MartletSandbox
