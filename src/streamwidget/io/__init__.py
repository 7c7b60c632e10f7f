"""Input: how bytes reach the package, and what must never leave it."""
