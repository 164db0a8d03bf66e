"""The physics of the ttH search: plain functions over arrays, no steering.

`datasets` and `shifts` describe the analysis and import nothing heavy; the other modules do the work with the
libraries of the field and are imported by the tasks when they run.
"""
