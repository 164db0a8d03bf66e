"""`martlet doctor`: what an analysis written for luigi or law uses, and what of it works on Martlet.

The tables here (`differences`, `luigi_names`, `luigi_members`, `luigi_contrib`, `luigi_settings`, `law_names`) are the
source of those in the documentation; `tables` writes them down as Markdown.
"""
