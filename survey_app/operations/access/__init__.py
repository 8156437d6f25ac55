"""Who may work here: accounts and their rights, signing in, keys of other software."""
