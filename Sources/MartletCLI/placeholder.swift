// MartletCLI
