"""The loop: drafts go out, agents judge them, the judgements become knowledge and a better model, if that is proven."""
