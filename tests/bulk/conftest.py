import shutil

import pytest

from tests.bulk.runs import find_a_bombing_in_each_sentence, write_articles


@pytest.fixture
def model(model_folder, tmp_path):
    """The tiny model, made to find a bombing in each sentence and nothing else."""
    folder = tmp_path / "model"
    shutil.copytree(model_folder, folder)
    find_a_bombing_in_each_sentence(folder)
    return folder


@pytest.fixture
def articles(tmp_path):
    """See ``write_articles``."""
    path = tmp_path / "articles.jsonl"
    write_articles(path)
    return path
