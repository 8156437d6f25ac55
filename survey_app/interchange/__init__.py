"""What other programs read and write: XLSForm, codebooks, DDI, scripts of statistics packages."""
