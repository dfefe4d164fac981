"""What came of a run: each treatment group beside the control of its sub-audience."""
