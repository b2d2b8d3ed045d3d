"""The demonstration's photographs and documents: repeatable, small, and such as the product itself takes in."""

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from common.clock import SHANGHAI
from files.checks import examine
from seeds.demonstration.album import scene_of
from seeds.demonstration.drawings import SCENES, picture
from seeds.demonstration.papers import PAPERS, paper

NOW = datetime(2026, 11, 18, 10, 20, tzinfo=SHANGHAI)
PHYSICAL = ("01", "02", "03", "08", "09", "10", "14")


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_changes_by_the_work(scene: str) -> None:
    before, after = picture(scene, done=False), picture(scene, done=True)
    assert before != after
    for content in (before, after):
        facts = examine(SimpleUploadedFile("照片.jpg", content), at=NOW)
        assert (facts.kind, facts.width, facts.height) == ("photo", 640, 480)
        assert facts.taken_at is None
        assert len(content) < 40_000


def test_a_picture_is_always_the_same() -> None:
    assert picture.__wrapped__("drain", done=True) == picture("drain", done=True)


@pytest.mark.parametrize("name", PAPERS)
def test_documents_are_taken_in(name: str) -> None:
    assert examine(SimpleUploadedFile(name, paper(name)), at=NOW).kind == "document"


def test_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError):
        paper("other.docx")
    with pytest.raises(KeyError):
        picture("volcano", done=True)


@pytest.mark.parametrize("category", PHYSICAL)
def test_whatever_needs_proof_can_be_photographed(category: str) -> None:
    assert scene_of(f"{category}99") in SCENES


def test_words_cannot_be_photographed() -> None:
    assert not scene_of("2001")
