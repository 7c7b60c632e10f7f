"""The static record of a run: what a saved notebook shows without a kernel. Pure."""

from .make import Facts, Record, make

__all__ = ["Facts", "Record", "make"]
