"""What set-up does to the vendor files."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def assets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("assets", ROOT / "scripts" / "assets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["assets"] = module
    spec.loader.exec_module(module)
    return module


def test_pixels_become_rem_except_hairlines_images_and_conditions(assets: ModuleType) -> None:
    text = (
        "@media (min-width:352px){a{padding:8px -12px 1px;margin:0px}}"
        "b{background:url(\"data:image/svg+xml,%3Csvg width='80px'\")}c{transform:translate(-50%,17px)}"
    )
    assert assets.in_rem(text) == (
        "@media (min-width:352px){a{padding:0.5rem -0.75rem 1px;margin:0px}}"
        "b{background:url(\"data:image/svg+xml,%3Csvg width='80px'\")}c{transform:translate(-50%,1.0625rem)}"
    )


def test_source_maps_are_dropped(assets: ModuleType) -> None:
    assert "sourceMappingURL" not in assets.without_source_map("x()\n//# sourceMappingURL=x.js.map\n")
    assert assets.without_source_map("a{b:c}/*# sourceMappingURL=t.css.map */") == "a{b:c}"


def test_rules_with_new_selectors_are_dropped(assets: ModuleType) -> None:
    assert assets.without_new_selectors("a{b:c}a:hover:has(.icon){d:e}f{g:h}") == "a{b:c}f{g:h}"


def test_every_listed_icon_is_in_the_sprite(assets: ModuleType) -> None:
    sprite = (ROOT / "static" / "vendor" / "icons.svg").read_text(encoding="utf-8")
    assert [name for name in assets.icon_names() if f'id="i-{name}"' not in sprite] == []
