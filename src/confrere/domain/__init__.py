"""Pure values and arithmetic of the product: no I/O, no clock, no framework."""
