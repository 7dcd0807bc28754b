"""Opens an RLDS export with the real `tensorflow_datasets` and checks every episode's flags, shapes and language.

    worldsmith export DATASET --format rlds --out OUT          # in an environment with the extra `rlds`
    python tests/clients/rlds_open.py OUT

It imports nothing of this project. It prints what it checked and exits with 1 at the first mismatch. Environment:
`pip install tensorflow-datasets tensorflow-cpu` (1.8 GB).
"""

import sys


def main(folder: str) -> int:
    """Check all episodes below `folder`."""
    import numpy as np
    import tensorflow_datasets as tfds

    builder = tfds.builder_from_directory(f"{folder}/worldsmith_episodes/1.0.0")
    episodes = steps = 0
    for episode in builder.as_dataset(split="train"):
        rows = list(episode["steps"].as_numpy_iterator())
        flags = np.array([[row["is_first"], row["is_last"]] for row in rows])
        if flags.sum(0).tolist() != [1, 1] or not flags[0, 0] or not flags[-1, 1]:
            print(f"episode {episodes}: is_first or is_last is wrong")
            return 1
        if any(row["observation"]["state"].dtype != np.float32 or not row["language_instruction"] for row in rows):
            print(f"episode {episodes}: a state is not float32 or the language is empty")
            return 1
        if "image" in rows[0]["observation"] and rows[0]["observation"]["image"].std() < 1.0:
            print(f"episode {episodes}: the picture is blank")
            return 1
        episodes, steps = episodes + 1, steps + len(rows)
    print(f"tensorflow_datasets {tfds.__version__}: {episodes} episodes, {steps} steps are right")
    return 0 if episodes else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
