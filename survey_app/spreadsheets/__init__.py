"""Tables that people upload and take along: opened, read by column, given back marked."""
