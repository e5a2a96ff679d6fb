"""Learn: what agents made of drafts becomes knowledge, an adapter, or a fine-tuned embedding model."""
