"""Sources: anything that a user passes, as a stream of events. Must not know widgets."""
