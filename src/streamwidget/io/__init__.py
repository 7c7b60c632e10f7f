"""Input: transports, the loop that reads them, and the redaction of secrets."""
