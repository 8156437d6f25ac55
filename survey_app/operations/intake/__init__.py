"""Answer sheets on their way to the disk: checked, flagged, stored once."""
