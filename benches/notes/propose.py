"""Words and pairs of words that answers of a topic have more often than others, counted in
the half that the codebook is written from: a list to choose from.

    python3 benches/notes/propose.py [--most 40]
"""

from __future__ import annotations

import argparse
import math
import re
from collections import Counter

from halves import Answer, halves, topics

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def said(answer: Answer) -> set[str]:
    """Its words and pairs of words."""
    words = [word.replace("’", "'") for word in WORD.findall(answer.text.lower())]
    return {*words, *map(" ".join, zip(words, words[1:]))}


def main() -> None:
    """A line a topic: words, in how many of its answers, in how many of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=40, help="words a topic")
    most = parser.parse_args().most
    answers = [(answer, said(answer)) for answer in halves()[0]]
    everywhere = Counter(word for _, words in answers for word in words)
    for topic in topics([answer for answer, _ in answers]):
        mine = [(answer, words) for answer, words in answers if topic in answer.topics]
        groups: dict[str, set[str]] = {}
        for answer, words in mine:
            for word in words:
                groups.setdefault(word, set()).add(answer.group)
        here = Counter(word for _, words in mine for word in words)
        # A word of one question says what was asked there, not what the topic is.
        least = min(3, len({answer.group for answer, _ in mine}))
        share, ranked = len(mine) / len(answers), []
        for word, count in here.items():
            expected = everywhere[word] * share
            if count >= 3 and len(groups[word]) >= least and count >= 2 * expected:
                ranked.append(((expected - count) / math.sqrt(expected + 1), word))
        words = [f"{word} {here[word]}/{everywhere[word]}" for _, word in sorted(ranked)[:most]]
        print(f"{topic} ({len(mine)}): {'; '.join(words)}\n")


if __name__ == "__main__":
    main()
