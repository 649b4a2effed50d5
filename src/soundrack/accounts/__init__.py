"""People and the keys by which their programs are known."""
