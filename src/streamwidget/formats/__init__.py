"""Records to canonical events, one file per vocabulary; `pipeline` selects framing and format.

Pure: must not know clients or clocks. This module imports nothing, so that using one format does
not load every vocabulary.
"""
