"""Effects: from a stereo sound at 44.1 kHz to another. None changes what it is given."""
