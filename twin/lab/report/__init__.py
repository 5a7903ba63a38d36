"""tandem report: the page of a run."""
