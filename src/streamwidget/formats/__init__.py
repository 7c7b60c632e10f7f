"""Records to canonical events, one file per vocabulary; `pipeline` selects framing and format.

Pure: knows neither clients nor clocks. This module imports nothing, so that using one format does
not load every vocabulary.
"""
