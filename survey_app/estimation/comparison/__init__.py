"""Figures and counts side by side: differences, changes, tests, what falls behind."""
