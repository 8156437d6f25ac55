"""Who gets a sheet: dossiers drawn at random from the list of a unit, kept and checked again."""
