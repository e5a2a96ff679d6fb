"""Extract: both help desks as Parquet, one folder for each source and table, columns and full text alike."""
