"""Both sides' topics of the same answers, and how many of them are right."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import NearestCentroid

from halves import Answer, digest, halves, topics

HERE = Path(__file__).resolve().parent

# Of each answer the topics that a side tells.
Told = list[set[str]]

# Parts of the first half, where that is looked at alone: the baseline learns from the others.
FOLDS = 5

# The name of a side that is shown over all topics alone.
OTHER = "the same, stop words left out, sublinear"


# As scikit-learn has it, and as it is often set.
PLAIN: dict[str, object] = {}
USUAL: dict[str, object] = {"stop_words": "english", "sublinear_tf": True, "min_df": 2}


def centroids(settings: dict[str, object], learn: list[Answer], read: list[Answer]) -> Told:
    """The one topic whose centroid is nearest."""
    pairs = [(answer.text, topic) for answer in learn for topic in sorted(answer.topics)]
    weights = TfidfVectorizer(**settings)
    model = NearestCentroid()
    model.fit(weights.fit_transform(text for text, _ in pairs), [topic for _, topic in pairs])
    nearest = model.predict(weights.transform(answer.text for answer in read))
    return [{str(topic)} for topic in nearest]


def in_folds(settings: dict[str, object], answers: list[Answer]) -> Told:
    """The same of every answer, learnt from other groups of questions."""
    fold = [digest(answer.group)[0] % FOLDS for answer in answers]
    told: dict[str, set[str]] = {}
    for number in range(FOLDS):
        learn = [answer for answer, mine in zip(answers, fold) if mine != number]
        read = [answer for answer, mine in zip(answers, fold) if mine == number]
        told |= zip((answer.text for answer in read), centroids(settings, learn, read))
    return [told[answer.text] for answer in answers]


def found(tag: Path, read: list[Answer]) -> list[dict[str, int]]:
    """The themes that the program finds, and how many distinct terms of each."""
    texts = "".join(json.dumps(answer.text) + "\n" for answer in read)
    command = [tag, HERE / "lodestar.toml"]
    done = subprocess.run(command, input=texts, check=True, text=True, capture_output=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def one_of(themes: dict[str, int], common: Counter[str]) -> set[str]:
    """The theme of most terms; of several the one that the first half has most of."""
    return {max(themes, key=lambda one: (themes[one], common[one], one))} if themes else set()


def f1(right: int, told: int, true: int) -> float:
    """From how many are right, how many are told, and how many there are."""
    return 2 * right / (told + true) if told + true else 0.0


def counts(told: Told, answers: list[Answer], topic: str | None = None) -> tuple[int, int, int]:
    """Right, told and true ones: pairs of an answer and a topic, of one topic or of all."""
    right = told_in_all = true = 0
    for mine, answer in zip(told, answers):
        said, is_so = mine, answer.topics
        if topic is not None:
            said, is_so = said & {topic}, is_so & {topic}
        right += len(said & is_so)
        told_in_all += len(said)
        true += len(is_so)
    return right, told_in_all, true


def report(sides: dict[str, Told], answers: list[Answer]) -> None:
    """Tables: over all, and by topic."""
    print("| | precision | recall | micro-F1 | topics an answer |\n|---|--:|--:|--:|--:|")
    for name, told in sides.items():
        right, said, true = counts(told, answers)
        print(
            f"| {name} | {right / said:.3f} | {right / true:.3f} | {f1(right, said, true):.3f}"
            f" | {said / len(answers):.2f} |"
        )
    sides = {name: told for name, told in sides.items() if name != OTHER}
    print("\n| topic | answers |" + "".join(f" {name} |" for name in sides))
    print("|---|--:|" + "--:|" * len(sides))
    for topic in topics(answers):
        cells = []
        for told in sides.values():
            right, said, true = counts(told, answers, topic)
            of_told = f"{right / said:.2f}" if said else "–"
            cells.append(f"{of_told} / {right / true:.2f} / {f1(right, said, true):.2f}")
        print(f"| {topic} | {true} | {' | '.join(cells)} |")


def main() -> None:
    """Measures on the second half, or looks at the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tag", type=Path, required=True)
    parser.add_argument("--first", action="store_true")
    said = parser.parse_args()
    first, second = halves()
    read = first if said.first else second
    themes = found(said.tag, read)
    common = Counter(topic for answer in first for topic in answer.topics)
    sides = {
        "all themes found": [set(mine) for mine in themes],
        "the one of most terms": [one_of(mine, common) for mine in themes],
    }
    for name, settings in {"TF-IDF, nearest centroid": PLAIN, OTHER: USUAL}.items():
        in_first = said.first
        sides[name] = in_folds(settings, first) if in_first else centroids(settings, first, second)
    report(sides, read)


if __name__ == "__main__":
    main()
