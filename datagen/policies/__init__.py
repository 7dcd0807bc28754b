"""Policies: from what is observed to what is done, scripted, replayed, random or learned, through one small interface."""

from datagen.policies.interface import Policy, Random, Replay, TowardsReward, WithNoise, learned
from datagen.policies.rollout import Rollout, rollout

__all__ = ["Policy", "Random", "Replay", "Rollout", "TowardsReward", "WithNoise", "learned", "rollout"]
