"""The RAG track: the landing becomes an index of past solutions, and drafts that cite them. Twin: etl_track.

README.md says in which order to read its files.
"""
