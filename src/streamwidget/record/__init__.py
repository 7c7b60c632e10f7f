"""The static record of a run, a board or a chat: a saved notebook without a kernel. Pure."""

from .board_record import BoardRun, make_board
from .chat_record import ChatTurn, make_chat
from .make import Facts, Record, make

__all__ = ["BoardRun", "ChatTurn", "Facts", "Record", "make", "make_board", "make_chat"]
