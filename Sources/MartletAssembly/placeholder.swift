// MartletAssembly
