"""What the shop sells: categories, and products whose price changes now and then."""

import random
from dataclasses import dataclass
from datetime import date

from samples.files import moment, money

CATEGORIES = ("Tea", "Coffee", "Spices", "Honey", "Oils", "Preserves", "Chocolate", "Crockery")
_FIRST = (
    "Amber Birch Cloud Dune Ember Fern Glen Harbour Iris Juniper Kelp Lark Meadow North".split()
)
_SECOND = "Blend Reserve Harvest Morning Garden Winter Orchard Coast Valley Market".split()
PRODUCTS = 60


@dataclass
class Product:
    """One product; prices in cents."""

    number: int
    category: int
    name: str
    cents: int
    discontinued: bool = False
    updated_at: str = ""

    def row(self) -> list[str | int]:
        """Its row in products.csv."""
        price = money(self.cents)
        gone = "true" if self.discontinued else "false"
        return [f"PR{self.number:04d}", self.category, self.name, price, gone, self.updated_at]


class Goods:
    """The shop's products. `changed` are those inserted or updated on the day."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.products: list[Product] = []
        self.changed: list[Product] = []

    def live(self, today: date) -> None:
        """One day: new products (all of them on the first), other prices, and what is taken off the shelf."""
        chance, self.changed = self._chance, []
        for _ in range(0 if self.products else PRODUCTS):
            self._add()
        if chance.random() < 0.08:
            self._add()
        for product in self.products:
            fate = chance.random()
            if product not in self.changed and not product.discontinued and fate < 0.02:
                if fate < 0.0005:
                    product.discontinued = True
                else:
                    product.cents = max(50, round(product.cents * chance.uniform(0.85, 1.2)))
                self.changed.append(product)
        for product in self.changed:
            product.updated_at = moment(today, chance.randrange(6 * 3600), chance.randrange(1000))

    def anything(self, chance: random.Random) -> Product:
        """A product that is on sale, the older ones no likelier than the newer."""
        while (product := chance.choice(self.products)).discontinued:
            pass
        return product

    def _add(self) -> None:
        chance = self._chance
        name = f"{chance.choice(_FIRST)} {chance.choice(_SECOND)}"
        category = chance.randint(1, len(CATEGORIES))
        product = Product(len(self.products) + 1, category, name, chance.randint(3, 90) * 50 + 49)
        self.products.append(product)
        self.changed.append(product)
