"""`python -m luigi`: the program luigi."""

from martlet.luigi.cmdline import luigi_run

if __name__ == "__main__":
    luigi_run()
