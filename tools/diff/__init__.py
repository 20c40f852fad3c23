"""`make diff BASE=REV`: the effect of a change on the figures, mart by mart, as counts."""
