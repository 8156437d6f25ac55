"""Answers of a survey turned into figures, unit by unit."""
