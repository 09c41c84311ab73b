"""Where the sources of a package lie and where its parts are built."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


class Layer(StrEnum):
    """A layer: what every function has, and what the functions of audiences have beside it."""

    RUNTIME = "runtime"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The folders of one build."""

    root: Path = REPOSITORY
    """Holds app.py, functions/, template.yaml, requirements.txt, infra/ and layers/."""
    build: Path = REPOSITORY / "build"
    cache: Path = REPOSITORY / "build" / "cache"
    """Layers made before, by the hash of what they were made from."""

    @property
    def stage(self) -> Path:
        """The project as Chalice is shown it; made anew each time."""
        return self.build / "stage"

    @property
    def package(self) -> Path:
        """What is deployed: sam.yaml, deployment.zip, and a zip of each layer."""
        return self.build / "package"

    @property
    def template(self) -> Path:
        """The packaged template."""
        return self.package / "sam.yaml"

    @property
    def bundle(self) -> Path:
        """Our own code."""
        return self.package / "deployment.zip"

    def layer(self, layer: Layer) -> Path:
        """Third-party code."""
        return self.package / f"layer-{layer}.zip"

    def requirements(self, layer: Layer) -> Path:
        """What is in a layer, pinned and hashed."""
        if layer is Layer.RUNTIME:
            return self.root / "requirements.txt"
        return self.root / "layers" / layer / "requirements.txt"

    def recipe(self, layer: Layer) -> Path:
        """How a layer is made."""
        return self.root / "layers" / layer / "recipe.toml"
