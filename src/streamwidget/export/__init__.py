"""The content of a run in the formats of other programs. Must not know runs or widgets."""
