"""What collecting needs on paper: forms, slips, lists, how well it was keyed."""
