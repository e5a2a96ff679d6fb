"""MetricFlow in this process: what the semantic layer holds, and the SQL that answers a request. It runs nothing.

The semantic models and metrics are in models/semantic. dbt writes them to a manifest, the build keeps the manifest
in the warehouse, and one engine is made of it in each process: the imports take a second, the engine a tenth of
one, each request after that some hundredths.
"""

import json
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

LOCK = threading.Lock()  # a page asks from several threads; to build twice would only cost time


class RenderOnly:
    """The database as MetricFlow sees it: a dialect to write SQL in, and nothing that could run it."""

    def __init__(self) -> None:
        from metricflow.protocols.sql_client import SqlEngine
        from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer

        self.sql_engine_type = SqlEngine.DUCKDB
        self.sql_plan_renderer = DuckDbSqlPlanRenderer()


@cache
def engine(manifest: str) -> Any:
    """MetricFlow's engine over the text of a semantic manifest."""
    from metricflow.engine.metricflow_engine import MetricFlowEngine
    from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
    from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

    client: Any = RenderOnly()
    parsed = parse_manifest_from_dbt_generated_manifest(json.dumps(without_database(manifest)))
    return MetricFlowEngine(SemanticManifestLookup(parsed), client)


def without_database(manifest: str) -> dict[str, Any]:
    """The manifest with its tables named schema.table: a database is called as its file, and files are renamed."""
    content: dict[str, Any] = json.loads(manifest)
    relations = [model["node_relation"] for model in content["semantic_models"]]
    relations += [spine["node_relation"] for spine in content["project_configuration"]["time_spines"]]
    for relation in relations:
        relation["relation_name"] = f"{relation['schema_name']}.{relation['alias']}"
    return content


def list_metrics(manifest: str) -> list[Any]:
    """Every metric as MetricFlow describes it, each with the dimensions that it can be grouped by."""
    with LOCK:
        return list(engine(manifest).list_metrics())


def render(manifest: str, metric: str, group_by: Sequence[str], where: Sequence[str]) -> str:
    """The SQL of `metric`: one column for each name in `group_by`, by which it is sorted, then the metric's.

    Names and conditions are MetricFlow's: ticket__channel, metric_time__month, {{ Dimension('ticket__channel') }}.
    """
    with LOCK:
        mf = engine(manifest)  # before the imports: they are part of what the engine takes
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest, OutputColumnOrderMode

        request = MetricFlowQueryRequest.create(
            metric_names=[metric],
            group_by_names=list(group_by),
            order_by_names=list(group_by),
            where_constraints=list(where),
            output_column_order_mode=OutputColumnOrderMode.INPUT_ORDER,
        )
        return str(mf.explain(request).sql_statement.sql)
