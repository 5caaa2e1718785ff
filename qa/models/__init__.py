"""One file for each implementation of the `AnswerModel` seam; the only files that know a vendor."""
