"""An answer asked again, folders that are replaced, exceptions of Python, messages about frames."""

import pickle

import il2
import pandas
import pytest

DOSES = {"ID": [1, 1, 2, 2], "TIME": [0, 2, 0, 2], "AMT": [18, 0, 9, 0], "EVID": [1, 0, 1, 0]}
LEVELS = dict(
    model="one-compartment",
    units={"time": "h", "amount": "MIU", "concentration": "IU/mL"},
    parameters={"clearance": "7 L/h", "volume": "5 L"},
)


def same(one, other):
    assert list(one.tables) == list(other.tables)
    return all(table.to_csv() == other.tables[name].to_csv() for name, table in one.tables.items())


def test_an_answer_runs_again_with_its_tables(well):
    answer = il2.event_table(pandas.DataFrame(DOSES), **LEVELS)
    assert same(il2.run(answer), answer) and il2.check(answer).question == answer.question
    half = il2.run(answer, tables={"table.csv": DOSES | {"AMT": [9, 0, 9, 0]}})
    assert not same(half, answer)
    # The same study as text lacks its tables, and says where they go.
    with pytest.raises(il2.FileError, match=r'tables=\{"table\.csv": frame\}') as caught:
        il2.run(answer.study)
    assert isinstance(caught.value, FileNotFoundError)
    assert same(il2.run(answer.study, tables={"table.csv": DOSES}), answer)
    with pytest.raises(il2.ArgumentError, match="save_study"):
        pickle.dumps(answer)


def test_an_answer_keeps_its_seed(studies):
    dose = {"ligand": "aldesleukin", "dose": "1 MIU/m2", "route": "subcutaneous"}
    answer = il2.regimen({"once": dose}, times=["0 d", "2 d"], patients=4, seed=5)
    of_text = il2.run(answer.study, seed=6)
    assert il2.run(answer).summary["seed"] == 5 and same(il2.run(answer), answer)
    assert il2.run(of_text).summary["seed"] == 6 and same(il2.run(of_text), of_text)
    assert same(il2.run(answer, seed=6), of_text) and "seed = 6" in il2.run(answer, seed=6).study


def test_results_of_another_study_are_not_replaced_without_a_word(well, tmp_path, recwarn):
    il2.run(well, out=tmp_path / "out")
    answer = il2.run(well, out=tmp_path / "out")
    answer.save(tmp_path / "out")
    assert not recwarn
    with pytest.warns(UserWarning, match='replace those of a study with a different text .*"Other'):
        other = il2.run(well | {"question": "Other?"}, out=tmp_path / "new")
        other.save(tmp_path / "new")
        il2.run(well, out=tmp_path / "new")
    with pytest.warns(UserWarning, match="replace those of a study with a different text"):
        other.save(tmp_path / "out")


def test_errors_are_those_of_python_too(tmp_path):
    for missing in (
        lambda: il2.run("nowhere.toml"),
        lambda: il2.merge(tmp_path / "nowhere"),
        lambda: il2.event_table("nowhere.csv", **LEVELS),
    ):
        with pytest.raises(FileNotFoundError, match="there is no such file or folder") as caught:
            missing()
        assert isinstance(caught.value, il2.FileError) and "os error" not in str(caught.value)
        again = pickle.loads(pickle.dumps(caught.value))
        assert type(again) is type(caught.value) and str(again) == str(caught.value)
    with pytest.raises(ValueError, match="has no unit") as caught:
        il2.dose_response("il2", "treg", doses=["1 pM", 10], times="1 h")
    assert type(caught.value) is il2.StudyError
    assert issubclass(il2.FileError, OSError) and not issubclass(il2.ModelError, ValueError)


def test_messages_about_frames_speak_of_rows_and_arguments(plate):
    frame = pandas.DataFrame(DOSES)
    with pytest.raises(il2.StudyError) as caught:
        il2.event_table(frame.drop(columns="AMT"), **LEVELS)
    assert "line" not in str(caught.value) and "table.csv" not in str(caught.value)
    assert caught.value.row == 0
    answer = il2.event_table(frame.assign(NOTE="x"), **LEVELS)
    assert "table.csv" not in "".join([*answer.warnings, *answer.sentences, answer.text])
    assert "table.csv" not in str(il2.check(answer))
    with pytest.raises(il2.StudyError, match=r'measured\["pstat5"\]: "columns": \{"value": "NAME"\}') as caught:
        plate(table={"cell": ["nk"], "min": [60], "nM": [1], "y": [134]}, columns={"time": "min", "dose": "nM"})
    assert "in the study as" not in str(caught.value)
    with pytest.raises(il2.StudyError, match=r'write compartments=\{"1": "plasma"\} .* in the call') as caught:
        il2.event_table(frame, model="patient", units=LEVELS["units"], ligand="aldesleukin")
    assert caught.value.row == 0
    with pytest.raises(il2.StudyError, match="column AMT: is missing in a dose row"):
        il2.event_table(frame.assign(AMT=[None, 0, 9, 0]), **LEVELS)


def test_warnings_name_what_python_has():
    said = "choose the closest set (`il2 list patient`); profiles = true helps"
    wanted = 'choose the closest set (il2.library()["pharmacokinetics"]); profiles=True helps'
    assert il2.wording.sentence(said, {}, True, "population_fit") == wanted


def test_rows_are_those_of_the_frame():
    for text, wanted in (
        ("line 2 gives a dose", "row 0 gives a dose"),
        ("lines 3, 4 and 12 are", "rows 1, 2 and 10 are"),
        ("the first line", "the first line"),
        ("line 1 has names", "line 1 has names"),
    ):
        assert il2.wording.in_rows(text) == wanted
