"""The content of a run in the formats of other programs. Knows neither runs nor widgets."""
