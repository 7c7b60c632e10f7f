"""Bytes to records: server-sent events, lines of JSON, text. Pure; must not know vocabularies."""
