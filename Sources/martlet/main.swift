import MartletCLI

MartletCommand.start()
