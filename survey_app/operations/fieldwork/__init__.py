"""The conduct of a survey: its units, places, devices and their notices, lists of dossiers."""
