"""`make diff BASE=REV`: what a change does to the figures, mart by mart, as counts."""
