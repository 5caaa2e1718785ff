"""Compare Dateline with txtai, haiku.rag and Haystack: ``make peers``.

Installs each peer from pinned requirements into an environment of its own below build/peers, puts
the same articles and questions through each, one after the other, and prints one table. Needs
Linux, which counts memory and CPU time, and some 5 GB of disk. Exit code 1 if a system could not be
measured. An interrupt prints what was measured until then.

Each system is held to one core unless --cores says more: threads of torch wait for each other by
spinning, and with two on a machine that does other work a search cost 10 times the CPU time.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from eval.research.peers.corpus import OWN, Corpus, read_corpus
from eval.research.peers.environments import OFFLINE, PEERS, NotInstalled, Peer, install
from eval.research.peers.measure import Amounts, measure
from eval.research.peers.process import ROOT, PeerFailed, PeerProcess
from eval.research.peers.table import Column, notes, table
from qa.errors import BadInput

BUILD = ROOT / "build" / "peers"


def main(arguments: Sequence[str] | None = None) -> int:
    """Install, measure and print; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        corpus = read_corpus(options.bench, options.articles)
    except BadInput as error:
        print(error, file=sys.stderr)
        return 2
    BUILD.mkdir(parents=True, exist_ok=True)
    amounts = Amounts(options.answers, options.deletes)
    columns = _columns(corpus, options, amounts)
    answerable = sum(case.answerable for case in corpus.cases)
    print(
        f"{corpus.name}, {datetime.now(UTC).date()}, {options.cores} of {os.cpu_count()} cores:"
        f" {len(corpus.articles):,} articles,"
        f" {len(corpus.rows):,} passages, {len(corpus.cases)} questions ({answerable} answerable)\n"
    )
    print(table(columns))
    print(f"\n{notes(columns)}")
    if options.out:
        found = {column.name: column.measured and asdict(column.measured) for column in columns}
        options.out.write_text(json.dumps(found, indent=1))
    return int(any(column.measured is None for column in columns))


def _columns(corpus: Corpus, options: argparse.Namespace, amounts: Amounts) -> list[Column]:
    """Measure one system after the other; after an interrupt the rest is left out."""
    columns = []
    try:
        for name in options.only:
            column = _column(PEERS[name], corpus, options, amounts)
            columns.append(column)
    except KeyboardInterrupt:
        columns += [Column(name, None, "interrupted") for name in options.only[len(columns) :]]
    return columns


def _column(peer: Peer, corpus: Corpus, options: argparse.Namespace, amounts: Amounts) -> Column:
    """Measure one system; whatever it lacks becomes a note."""
    try:
        _report(peer, "installing")
        python = install(peer, BUILD, options.python)
        encoder = install(PEERS[peer.encoder], BUILD, options.python) if peer.encoder else None
        log = BUILD / f"{peer.name}.log"
        with (
            tempfile.TemporaryDirectory(dir=BUILD, prefix="run-") as folder,
            PeerProcess(python, peer.module, log, OFFLINE, options.cores) as process,
        ):
            measured = measure(
                process, corpus, Path(folder), encoder, amounts, lambda text: _report(peer, text)
            )
    except (NotInstalled, PeerFailed) as error:
        _report(peer, str(error))
        return Column(peer.name, None, str(error))
    return Column(peer.name, measured)


def _report(peer: Peer, text: str) -> None:
    load = os.getloadavg()[0]
    print(f"{peer.name}: {text} (load {load:.1f})", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval.research.peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--bench", type=Path, default=OWN, help="a folder with articles.jsonl[.gz] and cases.jsonl"
    )
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--articles", type=int, help="only so many, and their questions")
    parser.add_argument("--answers", type=int, default=200, help="how many questions are answered")
    parser.add_argument("--deletes", type=int, default=20, help="how many articles are deleted")
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        help="an interpreter for peers that need a newer one",
    )
    parser.add_argument(
        "--cores", type=int, default=1, help="how many each system may use (default: %(default)s)"
    )
    parser.add_argument("--out", type=Path, help="also write the figures as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
