"""The Python of the README, of the book and of the notebook runs."""

import importlib.util
import json
import pathlib
import re

import nbclient
import nbformat
import pytest

ROOT = pathlib.Path(__file__).parents[2]
PAGES = ["README.md", "docs/src/python.md", "python/README.md"]
if importlib.util.find_spec("distributed"):
    PAGES.append("docs/src/shards.md")
NOTEBOOKS = sorted((ROOT / "python" / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "studies").symlink_to(ROOT / "studies")
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S)
    assert blocks, f"{page} shows no Python"
    names = {}
    for block in blocks:
        exec(compile(block, page, "exec"), names)


def test_the_readme_shows_five_lines():
    (block,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    assert len(block.strip().splitlines()) == 5


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(notebook, tmp_path):
    content = nbformat.read(notebook, as_version=4)
    nbformat.validate(content)
    nbclient.NotebookClient(
        content, timeout=300, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()


def test_a_finished_progress_bar_leaves_no_text(tmp_path):
    shows = "import il2\nbar = il2.progress.of(True)\nbar('year', 1, 2)"
    cells = [nbformat.v4.new_code_cell(source) for source in (shows, shows + "\nbar.end()")]
    content = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(content, timeout=100, resources={"metadata": {"path": str(tmp_path)}}).execute()
    running, finished = ([one["data"] for one in cell["outputs"]] for cell in content["cells"])
    assert running[0]["text/plain"].startswith("year: 1 of 2 simulations") and "<progress" in running[0]["text/html"]
    assert finished == [{"text/html": "", "text/plain": ""}]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_is_kept_without_outputs(notebook):
    cells = json.loads(notebook.read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code and all(not c["outputs"] and c["execution_count"] is None for c in code)
