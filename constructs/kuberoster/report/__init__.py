"""The report of who has which access, for people who look through it every few months."""
