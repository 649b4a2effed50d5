"""A page that shows what the composition engine makes, with what was measured and an honest word on each."""
