"""Intervals: of single figures, of whole arrays, and the quantiles they stand on."""
