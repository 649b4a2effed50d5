"""Mail to the people of this installation."""
