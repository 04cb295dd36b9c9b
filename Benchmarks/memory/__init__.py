"""How much of what was said is found again, measured on a data set of long conversations."""
