"""What an analysis hands to a report: figures of a unit, or of several joined, unformatted."""
