"""Analysis plans: what is wanted of the columns of a file, and what was found."""
