"""run_sql: what a SELECT may hold, decided by reading it before it is run.

The SQL is parsed with sqlglot in DuckDB's dialect. Whatever is not known to be harmless is refused: anything but one
SELECT, tables outside of the marts, table functions (they read files), functions that nobody listed, and columns with
personal data. The connection in marts.py holds without this; it refuses later and explains less.
"""

import logging

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bridge.agent.tools.marts import marts
from bridge.agent.tools.refused import Refused

LONGEST = 4_000  # characters
ONE_SELECT = "Only one SELECT is run: nothing is written, attached, installed, set or read from files."
ONLY_MARTS = "Only these tables can be read: {tables}."
SINGLE = (
    "{column} tells single accounts apart. It may join tables or be counted with count(distinct {column}), no more."
)
FORBIDDEN = (
    *(exp.DDL, exp.DML, exp.Command, exp.Into, exp.Lock, exp.Parameter, exp.Placeholder, exp.Pragma),
    exp.Columns,  # columns('.*') is a * by another name
)
# Functions that sqlglot does not know by itself and that only compute.
HARMLESS = frozenset(["list_sum", "list_avg", "strlen", "bar", "printf", "format", "weekofyear", "isodow", "epoch"])
INSIDE = frozenset(["current_user", "session_user", "current_catalog", "current_schema", "current_database", "version"])


def checked(sql: str) -> str:
    """The SQL as it was given, when it may be run. Raises Refused with the reason."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of what it cannot read; that is refused below
    if len(sql) > LONGEST:
        raise Refused(f"The SQL is longer than {LONGEST:,} characters.")
    try:
        statements = [one for one in sqlglot.parse(sql, dialect="duckdb") if one is not None]
    except (SqlglotError, RecursionError) as error:
        raise Refused(f"The SQL cannot be read: {str(error).splitlines()[0][:200]}") from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Select | exp.SetOperation):
        raise Refused(ONE_SELECT)
    [statement] = statements
    check_nodes(statement)
    check_tables(statement)
    check_columns(statement)
    return sql


def check_nodes(statement: exp.Expr) -> None:
    """No statement inside of the statement, and no function that nobody listed."""
    for node in statement.walk():
        if isinstance(node, FORBIDDEN) and not isinstance(node, exp.Query):
            raise Refused(ONE_SELECT)
        if isinstance(node, exp.Anonymous) and node.name.lower() not in HARMLESS:
            raise Refused(f"The function {node.name} is not among those that may be called.")
        if isinstance(node, exp.Func) and node.sql_name().lower() in INSIDE:
            raise Refused(f"The function {node.sql_name().lower()} is not among those that may be called.")


def check_tables(statement: exp.Expr) -> None:
    """Every table is one of the marts, or a name given in WITH."""
    given = {cte.alias_or_name.lower() for cte in statement.find_all(exp.CTE)}
    allowed = ONLY_MARTS.format(tables=", ".join(f"marts.{name}" for name in marts()))
    for table in statement.find_all(exp.Table):
        name = table.name.lower()
        if not isinstance(table.this, exp.Identifier) or table.catalog:
            raise Refused(allowed)
        if not (table.db.lower() == "marts" and name in marts()) and not (not table.db and name in given):
            raise Refused(f"There is no table {table.sql(dialect='duckdb')} here. {allowed}")
    for node in statement.find_all(exp.From, exp.Join):
        if not isinstance(node.this, exp.Table | exp.Subquery):  # unnest, values, table functions
            raise Refused(allowed)
    if statement.find(exp.ReadCSV, exp.ReadParquet):
        raise Refused(allowed)


def check_columns(statement: exp.Expr) -> None:
    """No personal data, no ARR, and no single account."""
    hidden = {column: why for mart in marts().values() for column, why in mart.hidden.items()}
    joins = {column for mart in marts().values() for column in mart.joins}
    tables = {table.alias_or_name.lower() for table in statement.find_all(exp.Table, exp.Subquery, exp.CTE)}
    for column in statement.find_all(exp.Column):
        name = column.name.lower()
        if name in tables or not isinstance(column.this, exp.Identifier):  # "select c from customers c" is a * as well
            raise Refused("Name the columns instead of whole rows.")
        if name in hidden:
            raise Refused(f"The column {name} is not handed out: {hidden[name]}.")
        if name in joins and not is_join_or_count(column):
            raise Refused(SINGLE.format(column=name))
    for star in statement.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count):
            raise Refused("Name the columns instead of *.")


def is_join_or_count(column: exp.Column) -> bool:
    """Whether a column stands in a join's condition or inside count(distinct …)."""
    inside = column.find_ancestor(exp.Count, exp.Join, exp.Select)
    if isinstance(inside, exp.Count):
        return isinstance(inside.this, exp.Distinct)
    if not isinstance(inside, exp.Join):
        return False
    condition = column.find_ancestor(exp.EQ)
    return condition is not None and all(
        isinstance(side, exp.Column) for side in (condition.this, condition.expression)
    )


def schema() -> str:
    """The tables and columns that can be read, for the model."""
    return "\n".join(f"marts.{name}({', '.join((*mart.visible, *mart.joins))})" for name, mart in marts().items())
