"""The band: synthesised instruments, each from tones to sound."""
