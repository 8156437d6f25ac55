"""Figures of one survey, a simple random sample: counts in, shares and indices out."""
