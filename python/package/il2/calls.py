"""What all calls share: their arguments, and the study of one assay that each writes and runs."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec

from . import keywords
from .answer import Answer
from .arguments import by_name, parts, whole
from .errors import ArgumentError, StudyError, near
from .given import Given
from .keywords import OF_THE_RUN, PARTS
from .studies import LARGEST_SEED, run_given

#: What to write for arguments that another call has.
ELSEWHERE = {
    ("time_course", "intervals"): (
        "a time course has none; il2.dose_response(..., times=il2.grid(...), intervals=40) gives the response at each "
        "time with its interval"
    ),
}


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
        if call_has_not := [key for key in keys if (function.__name__, key) in ELSEWHERE]:
            raise _unknown(function.__name__, signature, call_has_not[0])
        try:
            return function(*given, **keys)
        except StudyError as error:
            # The compiled part knows the keys of the assay alone.
            name, _, key = error.path.removeprefix("assay.").rpartition(".")
            if "." not in name and key in keys and "unknown key" in error.message:
                raise _unknown(function.__name__, signature, key) from None
            raise

    # What help, completion and inspection show.
    asked.__signature__, asked.__doc__ = keywords.complete(function)  # type: ignore[attr-defined]
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
    # An assay of cultures defines its own medium.
    of_study = [key for key in PARTS if key != "culture" or kind != "culture"]
    study |= {key: keys[key] for key in of_study if keys.get(key) is not None}
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


def _unknown(call: str, signature: inspect.Signature, key: str) -> ArgumentError:
    """An argument that a call does not have."""
    own = tuple(one.name for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD)
    allowed = [*own, *(one.name for one in keywords.keys(call, own)), *OF_THE_RUN]
    close = near(key, allowed)
    hint = f"did you mean {close}?" if close else f"allowed are {', '.join(allowed)};"
    hint = ELSEWHERE.get((call, key), hint).removesuffix(";") + ";" * (close is None)
    found = f"il2.{call} has no argument {key}"
    return ArgumentError(f"assay.{call}.{key}", found, f"{hint} help(il2.{call}) explains each")


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
    twice = [name for name in by_place[: len(given)] if name in keys]
    if twice:
        said = f"il2.{call}: {twice[0]} is given twice, by place and by name"
        other = f"; {', '.join(missing)} is missing" if missing else ""
        remedy = f"by place come {', '.join(by_place)}, in this order; give each once, or all by name; {see}"
        return ArgumentError(twice[0], said + other, remedy)
    if len(given) > len(by_place):
        rest = ", ".join(one.name for one in own if one.kind is one.KEYWORD_ONLY)
        said = f"il2.{call} takes {len(by_place)} arguments by place ({', '.join(by_place)}), not {len(given)}"
        return ArgumentError("", said, f"give the others by name: {rest}; {see}")
    if not missing:
        return ArgumentError("", f"il2.{call}: {why}", see)
    others = [key for key in keys if key not in signature.parameters]
    if close := near(missing[0], others):
        return ArgumentError(
            close, f"il2.{call} has no argument {close}", f"did you mean {missing[0]}? {see}"
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
