"""What an entry of the pool stands on."""

from __future__ import annotations

from agents.pool.basis import deciding_files


def test_whatever_decides_about_copy_is_in_the_digest() -> None:
    """A change of it retires what was judged before."""
    names = {each.name for each in deciding_files()}
    assert {"base.toml", "en.toml", "words.toml", "german.toml", "steering.toml", "counted.toml"} <= names
    assert {"grammar.py", "moment.py", "repeats.py", "german.py", "weights.npz"} <= names
