"""What the figures of a survey say: reports on units, comparisons, rankings, tables."""
