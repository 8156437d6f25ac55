"""A report as a page, a PDF, a workbook or JSON."""
