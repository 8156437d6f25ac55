"""Files of other surveys, analysed by a plan."""
