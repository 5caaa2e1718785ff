"""An archive from whose sentences questions can be drafted, and drafts without an archive."""

from typing import Any

from eval.cases import EvalCase
from eval.drafting.draft import Context, Draft

TOWNS = ("Elmouth", "Marlow", "Brast", "Hask", "Orle", "Tarn", "Velby", "Quill")
MAYORS = (
    "Ada Lind", "Boris Falk", "Clara Munk", "David Ross",
    "Elsa Thorn", "Felix Brandt", "Greta Holm", "Hugo Stern",
)  # fmt: skip
PLANS = (
    "flood wall", "rail line", "music school", "fish market",
    "war museum", "opera season", "night ferry", "bus strike",
)  # fmt: skip


def town_reports() -> list[dict[str, Any]]:
    """A report of each town, weeks apart, from three sources."""
    return [
        {
            "id": f"report-{number}",
            "title": f"News of {town}",
            "text": (
                f"Mayor {mayor} opened the {town} bridge. Rain fell all day. "
                f"{town} raised USD {number + 2}0 million for the {town} harbour. "
                f"{mayor} said that the {town} {plan} would begin soon. 🎉 All were glad."
            ),
            "published_at": f"2024-0{number + 1}-05",
            "source": ("Coast Daily", "Hill Times", "Farm Post")[number % 3],
        }
        for number, (town, mayor, plan) in enumerate(zip(TOWNS, MAYORS, PLANS, strict=True))
    ]


def draft_of(name: str, question: str = "Who opened the Hask bridge?", **changes: Any) -> Draft:
    """A draft whose answer is marked in its sentence."""
    text = "🎉 Rain fell. Ada Lind opened the bridge. All were glad."
    case = EvalCase(
        id=name,
        question=question,
        answers=("Ada Lind",),
        answerable=True,
        form="short",
        relevant=("a",),
    )
    context = Context(
        article_id="a",
        title="The bridge",
        source="Coast Daily",
        published_at="2024-03-04",
        text=text,
        start=13,
        end=40,
        answer_start=13,
        answer_end=21,
    )
    return Draft(case=case, kind="who", why="this sentence answers", context=context).model_copy(
        update=changes
    )
