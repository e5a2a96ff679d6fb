"""Judges: what answers RAGAS's prompts when it asks whether a text is supported, a language model or not."""
