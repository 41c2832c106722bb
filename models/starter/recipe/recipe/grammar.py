"""The grammar of the pictures: what is drawn where, and the caption that says it.

A `Plan` holds everything that the picture shows and what the caption says of it. 20 % of the combinations of noun, backdrop
and tint are held out: the training split never draws them, the `heldout` split draws only them.
"""
import dataclasses
import zlib

from . import words
from .config import concepts


@dataclasses.dataclass
class Thing:
    """One sprite: where its centre is and how wide it is (parts of the picture), how it looks."""
    noun: str
    x: float
    y: float
    size: float
    tint: str = ''
    style: str = '3d'


@dataclasses.dataclass
class Plan:
    """A picture before it is drawn. The said_* fields are what the caption states; only those facts are judged."""
    things: list
    backdrop: str
    caption: str = ''
    said_backdrop: bool = True
    position: str = ''
    size: str = ''
    count: int = 1
    look: str = ''
    seed: int = 0

    @property
    def nouns(self):
        return list(dict.fromkeys(thing.noun for thing in self.things))


def held_out(noun, backdrop, tint):
    """Whether training never draws this combination: one in five, by a hash that does not change."""
    return zlib.crc32(f'{noun}|{backdrop}|{tint}'.encode()) % 5 == 0


class Grammar:
    """Draws plans. `split` is 'train', 'heldout' or 'any'; `nouns` narrows the words; the weights change the mix."""

    def __init__(self, config, split='train', nouns=None, pairs=.4, tinted=1.6, synonyms=.15):
        self.config, self.split, self.pairs, self.synonyms = config, split, pairs, synonyms
        self.nouns = list(nouns or concepts(config))
        self.weights = [tinted if noun in words.TINTED else 1. for noun in self.nouns]
        self.scenes = words.SCENES[:config.scenes]

    def plan(self, r):
        """One plan of the split; `r` is a random.Random."""
        while True:
            plan = self._any(r)
            held = [held_out(thing.noun, plan.backdrop, thing.tint) for thing in plan.things]
            if self.split == 'any' or (self.split == 'train' and not any(held)) or (self.split == 'heldout' and all(held)):
                return plan

    def _any(self, r):
        backdrop = r.choice(list(words.COLOURS)) if r.random() < .45 else r.choice(self.scenes)
        style = r.choice(self.config.styles)
        kind = r.random()
        if kind < self.pairs:
            plan = self._pair(r, backdrop)
        elif self.config.counts and kind < self.pairs + .12:
            plan = self._several(r, backdrop)
        else:
            plan = self._single(r, backdrop)
        for thing in plan.things:
            thing.style = style
        plan.seed = r.getrandbits(32)
        plan.caption = self._caption(r, plan)
        return plan

    def _noun(self, r, other=''):
        while True:
            noun = r.choices(self.nouns, self.weights)[0]
            if noun != other:
                return noun

    def _tint(self, r, noun, backdrop):
        """A tint for three of four things that can have one; never the backdrop's own colour, which would hide the thing."""
        if noun not in words.TINTED or r.random() >= .75:
            return ''
        return r.choice([hue for hue in words.HUES if hue != backdrop])

    def _single(self, r, backdrop):
        size = position = ''
        width, centre, v = r.uniform(.55, .75), (r.uniform(.45, .55), r.uniform(.46, .56)), r.random()
        if v < .12:
            size, width = 'small', r.uniform(.3, .38)
        elif v < .24:
            size, width, centre = 'big', r.uniform(.85, .98), (.5, .5)
        elif v < .40:
            position = r.choice(list(words.POSITIONS))
            width, centre = r.uniform(.4, .5), words.POSITIONS[position]
        noun = self._noun(r)
        return Plan([Thing(noun, *centre, width, self._tint(r, noun, backdrop))], backdrop, size=size, position=position)

    def _pair(self, r, backdrop):
        left = self._noun(r)
        right = self._noun(r, left)
        return Plan([
            Thing(left, r.uniform(.24, .28), r.uniform(.45, .6), r.uniform(.42, .5), self._tint(r, left, backdrop)),
            Thing(right, r.uniform(.72, .76), r.uniform(.45, .6), r.uniform(.42, .5), self._tint(r, right, backdrop))], backdrop)

    def _several(self, r, backdrop):
        count, noun = r.choice(list(words.COUNTS)), self._noun(r)
        tint = self._tint(r, noun, backdrop)
        spots = {2: [(.27, .5), (.73, .5)], 3: [(.2, .55), (.5, .42), (.8, .55)], 4: [(.28, .28), (.72, .28), (.28, .73), (.72, .73)]}
        width = {2: .44, 3: .32, 4: .4}[count]
        things = [Thing(noun, x + r.uniform(-.02, .02), y + r.uniform(-.02, .02), width * r.uniform(.92, 1.05), tint) for x, y in spots[count]]
        return Plan(things, backdrop, count=count)

    def _named(self, r, thing):
        noun = thing.noun
        if noun in words.SYNONYMS and r.random() < self.synonyms:
            noun = r.choice(words.SYNONYMS[noun])
        return (thing.tint + ' ' if thing.tint else '') + noun

    def _caption(self, r, plan):
        things = plan.things
        if plan.count > 1:
            tint = things[0].tint + ' ' if things[0].tint else ''
            what = f'{words.COUNTS[plan.count]} {tint}{words.plural(things[0].noun)}'
        elif len(things) == 2:
            what = words.article(self._named(r, things[0])) + f' {r.choice(words.RELATIONS)} ' + words.article(self._named(r, things[1]))
        else:
            size = plan.size + ' ' if plan.size else ''
            what = words.article(size + self._named(r, things[0])) + (' ' + plan.position if plan.position else '')
        caption = self._prefix(r, things[0].style) + what
        where = plan.backdrop
        if where in words.COLOURS:
            where = r.choice([f'on {words.article(where)} background', f'{where} background', f'on {where}'])
        plan.said_backdrop = r.random() < .96
        if plan.said_backdrop:
            caption += r.choice([' ', ', ']) + where
        if self.config.looks and r.random() < .15:
            plan.look = r.choice(words.LOOKS)
            caption += f', {plan.look}'
        if r.random() < .12:
            caption += ', ' + r.choice(words.FILLERS)
        return caption

    def _prefix(self, r, style):
        if self.config.styles == ('3d',):
            return r.choice(['', '', 'a picture of ', 'a 3d icon of '])
        return r.choice(['', 'a picture of ', f'a {style} icon of ', f'a {style} drawing of ', f'{style}, '])
