"""Telemetry, downloads and hoarding of every dependency, switched off in one place."""

import os
import warnings

OFF = {
    "ANONYMIZED_TELEMETRY": "False",  # Chroma
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    "DBT_VERSION_CHECK": "False",
    "DO_NOT_TRACK": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_TRACING": "false",
    "LOAD__DELETE_COMPLETED_JOBS": "true",  # dlt keeps a copy of all it has loaded, of forgotten people too
    "RAGAS_DO_NOT_TRACK": "true",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",  # dlt's; it warns whenever Arrow's types are narrower than its own
    "TOKENIZERS_PARALLELISM": "false",  # only the warning about forks
    "TRANSFORMERS_OFFLINE": "1",
}


def be_quiet() -> None:
    """Set the switches. Called at every door, before a dependency is imported."""
    os.environ.update(OFF)
    warnings.filterwarnings("ignore", message="IProgress not found")  # tqdm in a notebook, about its own looks
