"""Texts to vectors: the model, the encoder, and the cache that is asked before anything heavy is imported."""

from driftcheck.cache_folder import default_cache_folder
from driftcheck.embedding.cache import VectorCache
from driftcheck.embedding.encoder import Encoder, ProgressCallback, embed
from driftcheck.embedding.model import Model, find_model

__all__ = ["Encoder", "Model", "ProgressCallback", "VectorCache", "default_cache_folder", "embed", "find_model"]
