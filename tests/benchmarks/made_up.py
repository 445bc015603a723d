"""Small files in the benchmarks' formats; every text is made up."""

import json
from pathlib import Path

REAL = Path(__file__).parents[3] / "shared/benchmarks"
"""Where the published data lie beside a working copy, if anywhere."""


def tsv(path: Path, *lines: str) -> Path:
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode())
    return path


def template(kind: str = "ATTACK", *organizations: dict, optional: bool = False, alternatives: tuple = ()) -> dict:
    return {
        "template_id": 1,
        "incident_type": kind,
        "incident_types": [kind, *alternatives],
        "optional": optional,
        "perp_organizations": list(organizations),
    }


def organization(*names: str, confidence: str | None = "REPORTED AS FACT", optional: bool = False) -> dict:
    return {"names": names, "optional": optional, "confidence": confidence}


def report(name: str, *templates: dict, text: str = "GUNMEN ATTACKED.", truecased: str = "Gunmen attacked.") -> dict:
    return {"doc_id": name, "text": text, "text_truecased": truecased, "templates": list(templates)}


def jsonl(path: Path, *rows: dict) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path
