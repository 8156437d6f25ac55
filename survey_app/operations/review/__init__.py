"""Officers' judgement of sheets: citizens' own words, flagged sheets, what stays out."""
