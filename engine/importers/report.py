"""What an importer did not take over: `unsupported` changes the physics that was asked for, `ignored` does not."""

from dataclasses import dataclass, field

from engine.errors import ImportFileError
from engine.scene.builder import Scene


@dataclass
class Report:
    """Collected while a file is read; `finish` raises in strict mode, or hands the lines to the scene."""

    source: str
    unsupported: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def lacks(self, what: str, line: int | None = None) -> None:
        """Note something that cannot be taken over."""
        self.unsupported.append(f"{self._at(line)}: unsupported {what}")

    def skips(self, what: str, line: int | None = None) -> None:
        """Note something without effect on what is simulated here."""
        self.ignored.append(f"{self._at(line)}: ignored {what}")

    def _at(self, line: int | None) -> str:
        return self.source if line is None else f"{self.source}:{line}"

    def finish(self, scene: Scene, strict: bool) -> Scene:
        """The scene with its `import_report`. Raises ImportFileError in strict mode when anything is unsupported."""
        if strict and self.unsupported:
            where, what = self.unsupported[0].split(": ", 1)
            more = len(self.unsupported) - 1
            raise ImportFileError(
                where,
                what + (f" (and {more} more)" if more else ""),
                "allowed: what the importer's module lists",
                "remove it from the file, or load with strict=False and read scene.import_report",
            )
        scene.import_report = [*self.unsupported, *self.ignored]
        return scene
