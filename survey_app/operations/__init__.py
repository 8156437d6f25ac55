"""The verbs of running a survey: they take a session and plain values, and never commit."""
