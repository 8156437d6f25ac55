"""Personal data: what little there is, how long it is kept, taking it out and erasing it."""
