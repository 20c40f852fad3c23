"""Invented extracts of an e-commerce shop: customers, categories, products, orders and their items."""

from samples.shop.extracts import write

__all__ = ["write"]
