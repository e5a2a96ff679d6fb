"""The ETL track: the landing becomes a warehouse with dbt on DuckDB. Twin: rag_track."""
