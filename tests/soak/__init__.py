"""Runs of minutes: what stays true when they are long, and disturbed."""
