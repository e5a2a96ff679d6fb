"""The sample company: a hand-written catalogue of problems and a deterministic generator."""
