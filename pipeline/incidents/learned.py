"""What was learned from the annotated reports and ships with the package: the stage ``incidents`` writes it."""

from importlib.resources import files
from typing import Final, TypeVar

import msgspec

from pipeline.errors import ModelError

ATTRIBUTION: Final = "attribution.json"
CASUALTIES: Final = "casualties.json"
CLAIMS: Final = "claims.json"
DATES: Final = "dates.json"
LINKING: Final = "linking.json"
MERGING: Final = "merging.json"

_Model = TypeVar("_Model")


def read_learned(name: str, kind: type[_Model]) -> _Model:
    """Read one of the files in ``pipeline/incidents/data``.

    Raises:
        ModelError: When it is missing or not of this kind.
    """
    try:
        return msgspec.json.decode(files("pipeline.incidents").joinpath("data", name).read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError) as error:
        raise ModelError(f"pipeline/incidents/data/{name}: {error}; run `dvc repro incidents`") from error
