"""The two halves of counsel_chat: one to write a codebook from, one to measure it on."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

CORPUS = (
    Path(__file__).resolve().parents[3]
    / "shared/data/counsel_chat/20200325_counsel_chat.csv"
)


@dataclass
class Answer:
    """What a therapist wrote, and the topics that it is filed under: mostly one."""

    text: str
    group: str
    topics: set[str] = field(default_factory=set)


def halves(corpus: Path = CORPUS) -> tuple[list[Answer], list[Answer]]:
    """Answers to write from, and answers to measure on.

    Questions that say the same, or were given the same answer, are one group, named after the
    id that comes first as text; its topic is the one that most of its rows have. Within a topic
    the groups stand in the order of the SHA-256 of their names, and go to either half in turn,
    the first to the first. So all answers to a question are in one half, and both halves have
    questions of every topic that has two.
    """
    with corpus.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    group = groups(rows)
    counted: dict[str, Counter[str]] = {}
    for row in rows:
        counted.setdefault(group[row["questionID"]], Counter())[row["topic"]] += 1
    of_topic: dict[str, list[str]] = {}
    for name, topics in counted.items():
        topic = min(topics, key=lambda one: (-topics[one], one))
        of_topic.setdefault(topic, []).append(name)
    first: set[str] = set()
    for names in of_topic.values():
        first.update(sorted(names, key=digest)[::2])
    answers: dict[str, Answer] = {}
    for row in rows:
        text = row["answerText"]
        answer = answers.setdefault(text, Answer(text, group[row["questionID"]]))
        answer.topics.add(row["topic"])
    found: tuple[list[Answer], list[Answer]] = ([], [])
    for answer in answers.values():
        found[answer.group not in first].append(answer)
    return found


def digest(name: str) -> bytes:
    """What a group's place follows from."""
    return hashlib.sha256(name.encode()).digest()


def groups(rows: list[dict[str, str]]) -> dict[str, str]:
    """By the id of a question: the name of its group."""
    leader: dict[str, str] = {}

    def find(one: str) -> str:
        while leader.setdefault(one, one) != one:
            one = leader[one]
        return one

    for row in rows:
        asked = find("id " + row["questionID"])
        for same in ("question " + row["questionText"], "answer " + row["answerText"]):
            leader[find(same)] = asked
            asked = find(asked)
    members: dict[str, list[str]] = {}
    ids = {row["questionID"] for row in rows}
    for one in ids:
        members.setdefault(find("id " + one), []).append(one)
    return {one: min(all_of_it) for all_of_it in members.values() for one in all_of_it}


def topics(answers: list[Answer]) -> list[str]:
    """The topics of answers, sorted."""
    return sorted({topic for answer in answers for topic in answer.topics})
