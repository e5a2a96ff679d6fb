"""The RAG track: the landing becomes an index of past solutions, and drafts that cite them. Twin: etl_track.

Read in this order: documents, chunk, embed, index, retrieve, offline_model, draft, build.
"""
