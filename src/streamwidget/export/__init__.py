"""What a run has given, in the forms that other programs read. Knows neither runs nor widgets."""
