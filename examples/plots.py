"""Two plots of merged incidents: DuckDB counts, pandas reshapes, matplotlib draws.

    conflict-events extract examples/articles/ --output out/ --format parquet
    conflict-events export out/ --format parquet
    python examples/plots.py out/

writes ``out/attribution.png`` (by whom attacks are said to be done, by country) and ``out/killed.png`` (how far the
reports of an incident differ on the dead). Column names are those of the README's section on tables.
"""

import sys
from pathlib import Path

import duckdb
import matplotlib as mpl
import pandas as pd

mpl.use("Agg")
import matplotlib.pyplot as plt

ATTRIBUTION = """
    SELECT country, coalesce(attribution, 'nothing said') AS attribution, count(*) AS incidents
    FROM read_parquet(?)
    WHERE country IS NOT NULL AND NOT aggregate
    GROUP BY ALL
    ORDER BY ALL
"""

KILLED = """
    SELECT event_date, location, country, fatalities_min, fatalities_max, disagreement_killed AS disputed
    FROM read_parquet(?)
    WHERE fatalities_max > 0 AND NOT aggregate
    ORDER BY event_date, incident_id
"""

SPEAKERS = """
    SELECT sentence.attribution_source AS voice, count(*) AS sentences
    FROM (SELECT unnest(sentences) AS sentence FROM read_parquet(?))
    GROUP BY ALL
    ORDER BY sentences DESC, voice
"""


def main(folder: Path) -> None:
    """Draw both plots of a folder that ``extract`` and ``export`` wrote; print whose word the sentences are."""
    incidents, documents = str(folder / "incidents.parquet"), str(folder / "documents.parquet")
    print(duckdb.execute(SPEAKERS, [documents]).df().to_string(index=False))
    draw_attribution(duckdb.execute(ATTRIBUTION, [incidents]).df(), folder / "attribution.png")
    draw_killed(duckdb.execute(KILLED, [incidents]).df(), folder / "killed.png")


def draw_attribution(rows: pd.DataFrame, path: Path) -> None:
    """Stacked bars, a bar per country."""
    table = rows.pivot_table(index="country", columns="attribution", values="incidents", fill_value=0)
    axes = table.plot.barh(stacked=True, figsize=(8, 1.5 + 0.5 * len(table)))
    axes.set(title="Incidents by what is said of who did it", xlabel="incidents", ylabel="")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(title=None)
    save(axes, path)


def draw_killed(rows: pd.DataFrame, path: Path) -> None:
    """A line per incident from the lowest to the highest toll that is reported, red where the reports disagree."""
    names = (
        rows["location"].fillna(rows["country"]).fillna("somewhere") + ", " + rows["event_date"].astype(str).str[:10]
    )
    _, axes = plt.subplots(figsize=(8, 1.5 + 0.3 * len(rows)))
    colours = rows["disputed"].map({True: "tab:red"}).fillna("tab:gray")
    axes.hlines(range(len(rows)), rows["fatalities_min"], rows["fatalities_max"], colors=colours, linewidth=3)
    axes.scatter(rows["fatalities_min"], range(len(rows)), color=colours)
    axes.scatter(rows["fatalities_max"], range(len(rows)), color=colours)
    axes.set_yticks(range(len(rows)), names)
    axes.set(title="Killed, lowest and highest reported; red: the reports disagree", xlabel="people")
    save(axes, path)


def save(axes: plt.Axes, path: Path) -> None:
    """Write the figure that the axes are of."""
    axes.figure.savefig(path, bbox_inches="tight", dpi=120)
    plt.close(axes.figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
