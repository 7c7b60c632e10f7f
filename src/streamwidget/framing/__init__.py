"""Bytes to records: server-sent events, lines of JSON, text. Pure; knows no vocabulary."""
