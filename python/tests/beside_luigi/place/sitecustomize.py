"""Does what martlet_luigi.pth does where martlet-luigi is installed. On the search path of scripts under Martlet."""

import martlet_luigi_finder

martlet_luigi_finder.install()
