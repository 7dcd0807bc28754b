"""Images of an episode -> the engine's textures."""

import engine
from datagen.build.models import file_path
from datagen.spec.episode import TextureSpec


def texture_of(worn: TextureSpec | None) -> engine.Texture | None:
    """The image that a body, a cloth, a rope or an elastic solid wears."""
    if worn is None:
        return None
    return engine.Texture(str(file_path(worn.file)), worn.repeat, worn.mapping, worn.metric)
