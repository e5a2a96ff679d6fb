"""Verify the RAG track: golden set, retrieval metrics, RAGAS, gates.

Twin: dbt's tests in the ETL track. There a value is right or wrong; here a score passes a threshold.
"""
