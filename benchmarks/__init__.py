"""How fast landing is, and in how much memory: `python -m benchmarks`, or one of its modules alone."""
