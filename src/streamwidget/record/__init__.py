"""The static record of a run or a board: what a saved notebook shows without a kernel. Pure."""

from .board_record import BoardRun, make_board
from .make import Facts, Record, make

__all__ = ["BoardRun", "Facts", "Record", "make", "make_board"]
