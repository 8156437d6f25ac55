"""XLSForm, the workbook of other collecting programs: read into a questionnaire, and written."""
