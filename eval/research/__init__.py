"""Training, fitting and measurements. Not part of the installed package."""
