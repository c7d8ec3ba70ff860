"""The tokenizer in a GGUF header as a tokenizer.json: byte-level BPE, as GPT-2, Llama 3, Qwen2 and SmolLM
have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

_CONTROL: Final = 3
"""Token type of what is never text, such as <|im_end|>."""
_LLAMA3: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_QWEN2: Final = _LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
_SPLITS: Final[Mapping[str, tuple[Any, ...]]] = {
    "gpt-2": (),
    "smollm": (pre_tokenizers.Digits(individual_digits=True),),
    "llama-bpe": (pre_tokenizers.Split(Regex(_LLAMA3), "isolated"),),
    "qwen2": (pre_tokenizers.Split(Regex(_QWEN2), "isolated"),),
}
"""What stands before the byte level, by `tokenizer.ggml.pre`."""
_OWN_WORDS: Final = ("gpt-2", "smollm")
"""Those that leave it to the byte level to find words."""


def tokenizer_json(fields: Mapping[str, Any]) -> bytes:
    """From the header's fields. Raises KeyError for a field that is missing, ValueError for a tokenizer of
    another kind."""
    kind, before = fields["tokenizer.ggml.model"], fields.get("tokenizer.ggml.pre", "gpt-2")
    if kind != "gpt2" or before not in _SPLITS:
        raise ValueError(
            f"its tokenizer is {kind}/{before}; converted are byte-level ones: {', '.join(sorted(_SPLITS))}"
        )
    tokens: list[str] = fields["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ", 1)) for merge in fields["tokenizer.ggml.merges"]]
    made = Tokenizer(models.BPE({token: index for index, token in enumerate(tokens)}, merges))
    bytes_ = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=before in _OWN_WORDS)
    made.pre_tokenizer = pre_tokenizers.Sequence([*_SPLITS[before], bytes_])
    made.decoder = decoders.ByteLevel()
    kinds = fields["tokenizer.ggml.token_type"]
    made.add_special_tokens(
        [
            AddedToken(token, special=True, normalized=False)
            for token, each in zip(tokens, kinds, strict=True)
            if each == _CONTROL
        ]
    )
    return made.to_str().encode()
