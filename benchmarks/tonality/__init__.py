"""How the tables of `soundrack.analysis.tonality` were learned: songs made up at random, rendered, and fitted to."""
