"""Quality of answer sheets: what makes a sheet worth a second look. Never who sent it."""
