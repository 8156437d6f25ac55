"""Figures composed into reports, and reports rendered as documents."""
