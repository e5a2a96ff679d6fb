"""Serve: an answer of a given form: how a model is asked for one, and how what it wrote is read.

Twin: the contracts of the ETL track's models. A warehouse enforces the columns of a table; of the providers some
enforce a schema and some do not, so every answer is checked here.
"""

import re
from operator import itemgetter
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import BaseModel, ValidationError

Form = TypeVar("Form", bound=BaseModel)

FENCED = re.compile(r"^```\w*\s*\n(.*)\n\s*```", re.DOTALL | re.MULTILINE)
FORM = "Answer with one JSON object and nothing else. It follows this JSON schema:\n{schema}"
REPAIR = "That answer cannot be used: {problem}.\n" + FORM


class Unusable(Exception):
    """The model answered, and the answer cannot be used."""


def with_form(model: BaseChatModel, schema: dict[str, Any]) -> Runnable[Any, AIMessage]:
    """The model bound to a JSON schema where its provider can enforce one, else the model itself.

    The schema goes as a dictionary and the raw message comes back: so the answer of every provider is checked in
    one place, and a malformed one is still there to be repaired and counted.
    """
    if type(model).with_structured_output is BaseChatModel.with_structured_output:
        return model
    objects = [schema, *schema.get("$defs", {}).values()]
    complete = all(set(one.get("properties", ())) == set(one.get("required", ())) for one in objects)
    strict = {"strict": True} if model._llm_type == "openai-chat" and complete else {}  # OpenAI wants all required
    bound: Runnable[Any, Any] = model.with_structured_output(schema, method="json_schema", include_raw=True, **strict)
    return bound | RunnableLambda(itemgetter("raw"))


def parsed(text: str, form: type[Form]) -> Form:
    """The JSON of an answer, with or without a code fence around it. Raises Unusable with the first problem.

    >>> class Sum(BaseModel):
    ...     total: int
    >>> parsed('```json\\n{"total": 3}\\n```', Sum)
    Sum(total=3)
    """
    fenced = None if text.lstrip().startswith("{") else FENCED.search(text)
    try:
        return form.model_validate_json(fenced[1] if fenced else text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]  # the input may be what a customer wrote
        place = ".".join(map(str, first["loc"]))
        raise Unusable(f"{place}: {first['msg']}" if place else first["msg"]) from None
