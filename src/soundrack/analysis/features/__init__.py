"""What every estimator looks at: the sound once decoded, one family of spectra, one constant-Q transform."""
