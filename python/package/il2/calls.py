"""What all calls share: their arguments, and the study of one assay that each writes and runs."""

from __future__ import annotations

import difflib
import functools
import inspect
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec

from . import _il2
from .answer import Answer
from .arguments import by_name, parts, whole
from .errors import ArgumentError, StudyError
from .given import Given
from .studies import LARGEST_SEED, run_given

#: Parts of a study outside its assay.
PARTS = ("models", "regimens", "solver", "panel", "figures", "output", "question")
#: Arguments that belong to `run`.
OF_THE_RUN = ("threads", "seed", "out", "progress", "tables")


Asked = ParamSpec("Asked")


def question(function: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Names arguments that are missing, too many or misspelt, with what was probably meant."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def asked(*given: Asked.args, **keys: Asked.kwargs) -> Answer:
        try:
            signature.bind(*given, **keys)
        except TypeError as why:
            raise _not_bound(function, signature, given, keys, str(why)) from None
        try:
            return function(*given, **keys)
        except StudyError as error:
            # The compiled part knows the keys of the assay alone.
            name, _, key = error.path.removeprefix("assay.").rpartition(".")
            if "." not in name and key in keys and "unknown key" in error.message:
                raise _unknown(function.__name__, signature, name.replace("_", "-"), key) from None
            raise

    return asked


def ask(
    kind: str,
    question: str,
    own: Mapping[str, Any],
    ligands: Any,
    cells: Any,
    keys: Mapping[str, Any],
    *,
    model: str | Mapping[str, Any] | None = None,
    stat5: bool | str = False,
    regimens: Mapping[str, Any] | None = None,
) -> Answer:
    """Runs a study of one assay, which has the name of its kind."""
    name = kind.replace("-", "_")
    study: dict[str, Any] = {"version": 1, "question": question, "regimens": regimens}
    study |= {key: keys[key] for key in PARTS if key in keys}
    # An assay of this kind defines its own medium.
    if kind != "culture" and "culture" in keys:
        study["culture"] = keys["culture"]
    taken = {*OF_THE_RUN, *study}
    assay: dict[str, Any] = {"kind": kind, **own, **{k: v for k, v in keys.items() if k not in taken}}
    if assay.get("mixture") is not None:
        by_name("mixture", "ligand", assay["mixture"], '{"il2": "100 pM"}', whole=False)
    models: Mapping[str, Any] = {}
    if study.get("models") is not None:
        models = by_name("models", "model", study["models"], '{"mine": {"from": "gamma-chain"}}')
    part = model if isinstance(model, Mapping) else None
    if stat5:
        if part is None:
            part = (
                models[model]
                if isinstance(model, str) and model in models
                else {"from": model or "gamma-chain"}
            )
        part = {**part, "stat5": part.get("stat5", stat5)}
    if part is not None:
        model = _name_of(part, models)
        study["models"] = {**models, model: part}
    if model is not None:
        assay["model"] = model
    for kinds, some, example in (("ligands", ligands, "il2"), ("cells", cells, "treg")):
        if some is not None:
            study[kinds] = parts(kinds, some, example)
    study["assay"] = {name: assay}
    seed = whole("seed", keys.get("seed"), LARGEST_SEED, least=0)
    if seed is not None:
        # So that the text of the study gives the same answer on another machine.
        study["seed"] = seed
    given = Given(study, keys.get("tables"))
    given.call = "time_course" if kind == "washout" else name
    return run_given(
        given,
        threads=whole("threads", keys.get("threads")),
        seed=None,
        out=keys.get("out"),
        progress=keys.get("progress"),
    )


def _name_of(model: Mapping[str, Any], taken: Mapping[str, Any]) -> str:
    """A name that says which model it is, for figures and sentences."""
    base = re.sub(r"[^\w-]", "_", str(model.get("from", "model")))[:30]
    name = f"{base}-stat5" if set(model) == {"from", "stat5"} else f"my-{base}"
    return name if name not in taken else f"{name}-{len(taken)}"


def _unknown(call: str, signature: inspect.Signature, kind: str, key: str) -> ArgumentError:
    """An argument that a call does not have."""
    own = [one.name for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
    assays = json.loads(_il2.schema())["$defs"]["AssayPart"]["oneOf"]
    of_assay = next(one["properties"] for one in assays if one["properties"]["kind"]["const"] == kind)
    others = (*of_assay, *(() if kind == "culture" else ("culture",)), *PARTS, *OF_THE_RUN)
    allowed = list(dict.fromkeys(one for one in (*own, *others) if one != "kind"))
    near = difflib.get_close_matches(key, allowed, n=1)
    hint = f"did you mean {near[0]}?" if near else f"allowed are {', '.join(allowed)};"
    found = f"il2.{call} has no argument {key}"
    return ArgumentError(
        f"assay.{kind.replace('-', '_')}.{key}", found, f"{hint} help(il2.{call}) explains each"
    )


def _not_bound(
    function: Callable[..., Answer],
    signature: inspect.Signature,
    given: tuple[Any, ...],
    keys: Mapping[str, Any],
    why: str,
) -> ArgumentError:
    """Arguments that do not fit a call."""
    call, own = function.__name__, signature.parameters.values()
    see = f"help(il2.{call}) explains each"
    by_place = [one.name for one in own if one.kind is one.POSITIONAL_OR_KEYWORD]
    needed = [one.name for one in own if one.default is one.empty and one.kind is not one.VAR_KEYWORD]
    missing = [name for name in needed if name not in keys and name not in by_place[: len(given)]]
    if len(given) > len(by_place):
        rest = ", ".join(one.name for one in own if one.kind is one.KEYWORD_ONLY)
        said = f"il2.{call} takes {len(by_place)} arguments by place ({', '.join(by_place)}), not {len(given)}"
        return ArgumentError("", said, f"give the others by name: {rest}; {see}")
    if not missing:
        return ArgumentError("", f"il2.{call}: {why}", see)
    others = [key for key in keys if key not in signature.parameters]
    near = difflib.get_close_matches(missing[0], others, n=1)
    if near:
        return ArgumentError(
            near[0], f"il2.{call} has no argument {near[0]}", f"did you mean {missing[0]}? {see}"
        )
    one = "argument" if len(missing) == 1 else "arguments"
    return ArgumentError(
        "", f"il2.{call} lacks the {one} {', '.join(missing)}", f"add what is missing; {see}"
    )


def given_in(regimens: Mapping[str, Mapping[str, Any]]) -> list[str] | None:
    """The ligands that regimens name, each once; a regimen without one is refused later."""
    return list(dict.fromkeys(str(r["ligand"]) for r in regimens.values() if "ligand" in r)) or None


def do(names: Mapping[str, Any]) -> str:
    return "does" if len(names) == 1 else "do"


def said(names: Mapping[str, Any]) -> str:
    """Names in a sentence."""
    every = [str(name) for name in names]
    return ", ".join(every[:-1]) + (" and " if len(every) > 1 else "") + every[-1]
