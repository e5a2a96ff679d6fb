"""The drafter over HTTP."""
