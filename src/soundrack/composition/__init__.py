"""The composition engine: songs, loops and sound effects written, played, sung and mixed in code, by seed.

Every step is a value that can be looked at: wishes, plan, score, performance, stems, mix.
"""
