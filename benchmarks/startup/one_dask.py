"""A script of one task on a scheduler and two worker processes of this machine."""

import os
import sys

from distributed import Client, LocalCluster


def write(path: str) -> None:
    with open(path + ".tmp", "w") as file:
        file.write("twenty bytes of text")
    os.replace(path + ".tmp", path)


def main(path: str) -> None:
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        client.submit(write, path).result()


if __name__ == "__main__":
    main(sys.argv[1] + "/one")
