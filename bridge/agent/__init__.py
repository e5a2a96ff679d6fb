"""The agent that uses both tracks: it counts with the warehouse and reads with the index."""
