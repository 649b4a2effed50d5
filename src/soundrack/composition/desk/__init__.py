"""The desk: stems brought together into a mix, and the mix into a record."""
