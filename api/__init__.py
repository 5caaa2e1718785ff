"""The doors: the command line and the HTTP service, thin over `qa`."""
