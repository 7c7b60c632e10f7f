"""The journal of a run: an append-only file of its events, written while it runs, read by anyone.

The file format is in docs/journal.md. Must not know transports, runs or the widget.
"""
